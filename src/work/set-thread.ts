/** A thread that trains the models of a set that it is asked for, one at a time. */
import { parentPort, workerData } from 'node:worker_threads'
import type { SetTarget } from '../engine/models/tree-set.ts'
import { trainMember } from '../engine/training/set-member.ts'
import type { PreparedSet } from '../engine/training/set-rows.ts'

// The task that has begun it gives it the rows, and names of targets after that.
const prepared = workerData as PreparedSet
parentPort?.on('message', (target: SetTarget) => parentPort?.postMessage(trainMember(prepared, target)))
