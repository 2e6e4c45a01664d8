import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'

const KIB_A_MIB = 1_024

/** The memory that a process holds, in MiB; null when it has ended, or the system does not say. */
export async function residentMiB(pid: number): Promise<number | null> {
  const kib = await readFile(`/proc/${pid}/status`, 'utf8').then(
    (status) => /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1],
    () => askPs(pid),
  )
  return kib === undefined ? null : Number(kib) / KIB_A_MIB
}

/** For systems without /proc; Windows has neither. */
function askPs(pid: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, out) => {
      resolve(error === null ? /^\s*(\d+)\s*$/.exec(out)?.[1] : undefined)
    })
  })
}
