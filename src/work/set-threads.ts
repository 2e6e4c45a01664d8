import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { OnProgress } from '../engine/kernel/progress.ts'
import { ofEach, SET_TARGETS, type SetTarget } from '../engine/models/tree-set.ts'
import { trainMember, type TrainedMember } from '../engine/training/set-member.ts'
import type { PreparedSet } from '../engine/training/set-rows.ts'

/** @param wanted 0 for one less than the machine has cores: the room needs one */
export function threadsFor(wanted: number): number {
  const threads = wanted === 0 ? availableParallelism() - 1 : wanted
  return Math.max(1, Math.min(threads, SET_TARGETS.length))
}

/** Trains every model of a set. However many threads share them, each model has the same bytes: it is one thread's alone. */
export async function trainMembers(
  prepared: PreparedSet,
  threads: number,
  onProgress: OnProgress,
): Promise<Readonly<Record<SetTarget, TrainedMember>>> {
  const trained = new Map<SetTarget, TrainedMember>()
  const waiting = [...SET_TARGETS]
  const begin = (): SetTarget | undefined => {
    const target = waiting.shift()
    if (target !== undefined) onProgress(trained.size / SET_TARGETS.length, `${target}: growing trees`)
    return target
  }
  if (threads === 1) {
    for (let target = begin(); target !== undefined; target = begin())
      trained.set(target, trainMember(prepared, target))
  } else {
    const workers = Array.from({ length: threads }, () => new Worker(threadFile(), { workerData: prepared }))
    try {
      await Promise.all(
        workers.map(async (worker) => {
          for (let target = begin(); target !== undefined; target = begin())
            trained.set(target, await memberFrom(worker, target))
        }),
      )
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
  }
  return ofEach((target) => {
    const member = trained.get(target)
    if (member === undefined) throw new Error(`${target} was not trained`)
    return member
  })
}

function memberFrom(worker: Worker, target: SetTarget): Promise<TrainedMember> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread that trained ${target} ended with ${code}`)))
    worker.postMessage(target)
  })
}

/** The bundle has it beside the worker; run from the sources, it is the built one that is used. */
function threadFile(): string {
  const beside = fileURLToPath(new URL('./set-thread.js', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../dist/set-thread.js', import.meta.url))
}
