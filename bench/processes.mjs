// Starts what is measured, and ends it.
import { execFile, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { readFileSync, rmSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
export const here = dirname(fileURLToPath(import.meta.url))
export const root = join(here, '..')
export const program = join(root, 'dist', 'onay.js')
export const sample = join(root, 'samples', 'btcusdt_1m.csv.gz')
export const SYMBOL = 'BTCUSDT'

const START_LIMIT_MS = 60_000
const POLL_MS = 5
const END_LIMIT_MS = 15_000
const MAX_OUTPUT = 64 * 1024 * 1024

/** A directory that goes with the bench. */
export function temporary() {
  const dir = mkdtempSync(join(tmpdir(), 'onay-bench-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** @param {number} ms @returns {Promise<void>} */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/**
 * Runs a command of onay to its end.
 * @param {string[]} args @param {number[]} codes that are no failure @returns {Promise<string>} what it printed
 */
export async function onay(args, codes = [0]) {
  const ended = run(process.execPath, [program, ...args], { maxBuffer: MAX_OUTPUT, cwd: tmpdir() })
  const { stdout } = await ended.catch((error) => {
    if (codes.includes(error.code)) return error
    throw error
  })
  return stdout
}

/** @param {object} load as load.mjs takes it @returns {Promise<import('./load.mjs').Loaded>} */
export async function loadWith(load) {
  const { stdout } = await run(process.execPath, [join(here, 'load.mjs'), JSON.stringify(load)])
  return JSON.parse(stdout)
}

/** @param {import('./steady-load.mjs').SteadyLoad} load @returns {Promise<import('./steady-load.mjs').Steady>} */
export async function steadyLoad(load) {
  const { stdout } = await run(process.execPath, [join(here, 'steady-load.mjs'), JSON.stringify(load)])
  return JSON.parse(stdout)
}

/** @returns {Promise<number>} a port that is free now */
export async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/**
 * A room without its screen, answering predictions.
 * @param {string} dataDir
 * @param {string[]} args of onay serve
 * @param {string[]} nodeArgs
 */
export async function serve(dataDir, args = [], nodeArgs = []) {
  const port = await freePort()
  const started = performance.now()
  const child = spawn(
    process.execPath,
    [...nodeArgs, program, 'serve', '--port', String(port), '--data-dir', dataDir, ...args],
    { stdio: ['ignore', 'ignore', 'ignore'], cwd: tmpdir() },
  )
  const url = `http://127.0.0.1:${port}`
  const body = JSON.stringify({ symbol: SYMBOL })
  while (performance.now() - started < START_LIMIT_MS) {
    if (child.exitCode !== null) throw new Error(`onay serve ended with ${child.exitCode}`)
    const answered = await post(`${url}/ml/predict`, body).catch(() => null)
    if (answered?.status === 200) {
      return { url, child, dataDir, seconds: (performance.now() - started) / 1_000, answer: answered.text }
    }
    await pause(POLL_MS)
  }
  child.kill('SIGKILL')
  throw new Error('onay serve does not answer')
}

/** @param {string} url @param {string} body @param {Record<string, string>} headers */
export async function post(url, body, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
  return { status: response.status, text: await response.text() }
}

/** Trains a candidate over HTTP and waits for its end. @param {{ url: string, dataDir: string }} room @param {string} version */
export async function retrain(room, version) {
  const token = readFileSync(join(room.dataDir, 'token'), 'utf8').trim()
  const answered = await post(`${room.url}/retrain`, JSON.stringify({ symbol: SYMBOL, version, wait: true }), {
    authorization: `Bearer ${token}`,
  })
  if (answered.status !== 200) throw new Error(`retrain answered ${answered.status}: ${answered.text}`)
}

/** The bare route, in a process of its own. @param {string} answerFile */
export function serveBare(answerFile) {
  return serveHelper('bare.mjs', answerFile)
}

/** A server of the bench, in a process of its own that prints its address first. @param {string} file @param {string[]} args */
export async function serveHelper(file, ...args) {
  const child = spawn(process.execPath, [join(here, file), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await new Promise((resolve, reject) => {
    child.stdout.once('data', (data) => resolve(String(data).trim()))
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)))
  })
  return { url: String(url), child }
}

/** Ends one process that the bench has started. @param {import('node:child_process').ChildProcess} child */
export async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS)
  await ended
  clearTimeout(late)
}
