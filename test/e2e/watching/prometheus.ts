/** A real Prometheus that scrapes what it is told to, in a directory and on a port of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { ROOT } from '../../kit/samples.ts'
import { until } from '../../kit/until.ts'

/** Debian's package `prometheus` has both programs. */
export const HAS_PROMETHEUS = ['prometheus', 'promtool'].every(
  (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined,
)

/** A second thread and a small heap cost it as much again as the rules do. */
const THRIFTY = { GOMAXPROCS: '1', GOGC: '400' }

/** Runs `promtool` where the rules are, to its end. */
export function promtool(...args: readonly string[]): { readonly code: number | null; readonly said: string } {
  const env = { ...process.env, ...THRIFTY }
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: join(ROOT, 'rules'), env, encoding: 'utf8' })
  return { code: status, said: `${stdout}${stderr}` }
}

const Result = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
})
export type Sample = z.infer<typeof Result>['data']['result'][number]

export class Prometheus {
  private constructor(
    private readonly child: ChildProcess,
    private readonly dir: string,
    readonly url: string,
  ) {}

  /** @param target host and port that it scrapes each second */
  static async scraping(target: string): Promise<Prometheus> {
    const dir = mkdtempSync(join(tmpdir(), 'onay-prometheus-'))
    const port = await freePort()
    const config = join(dir, 'prometheus.yml')
    writeFileSync(
      config,
      `global: {scrape_interval: 1s}\nscrape_configs:\n  - job_name: onay\n    metrics_path: /ml/metrics\n    static_configs: [{targets: ['${target}']}]\n`,
    )
    const args = [
      '--config.file',
      config,
      '--storage.tsdb.path',
      join(dir, 'data'),
      '--web.listen-address',
      `127.0.0.1:${port}`,
    ]
    const child = spawn('prometheus', args, { stdio: 'ignore' })
    const started = new Prometheus(child, dir, `http://127.0.0.1:${port}`)
    await until('Prometheus', async () => (await fetch(`${started.url}/-/ready`).catch(() => null))?.ok === true)
    return started
  }

  /** What an instant query answers now. @throws for a query that Prometheus does not take */
  async query(expr: string): Promise<readonly Sample[]> {
    const response = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(expr)}`)
    return Result.parse(await response.json()).data.result
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.kill('SIGKILL')
    await ended
    rmSync(this.dir, { recursive: true, force: true })
  }
}

function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
