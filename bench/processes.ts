/** Processes under measurement: pinned to a core, their CPU time and memory read from the operating system's own accounts. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export const SERVER_CORE = '0'
export const LOAD_CORE = '1'
const TICKS = 100 // clock ticks per second of /proc/<pid>/stat on Linux

const ROOT = path.resolve(import.meta.dirname, '..')
export const inRepository = (...parts: string[]): string => path.join(ROOT, ...parts)

export interface Measured {
  readonly child: ChildProcess
  readonly pid: number
  /** What it printed so far. */
  out(): string
  /** CPU seconds used so far, user and system. */
  cpu(): number
  /** Resident memory in bytes. */
  rss(): number
  stop(): Promise<void>
}

/** Starts a command on one core and waits until it prints `ready`, or until that is fulfilled. */
export async function start(core: string, command: readonly string[], ready: RegExp | Promise<unknown>, env: Readonly<Record<string, string>> = {}): Promise<Measured> {
  const child = spawn('taskset', ['-c', core, ...command], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let out = ''
  let errors = ''
  child.stderr.on('data', chunk => { errors = (errors + String(chunk)).slice(-4000) })
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', chunk => {
      out += String(chunk)
      if (ready instanceof RegExp && ready.test(out)) resolve()
    })
    if (ready instanceof Promise) ready.then(() => resolve(), reject)
    child.once('exit', code => reject(new Error(`${command.join(' ')} ended with ${code}: ${errors}`)))
    child.once('error', reject)
  })
  const pid = child.pid ?? 0
  const gone = once(child, 'exit')
  return {
    child, pid, out: () => out,
    cpu: () => {
      const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) / TICKS
    },
    rss: () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024,
    stop: async () => {
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** Runs a command on one core to its end and gives the JSON it prints in its last line. */
export async function run<T>(core: string, command: readonly string[]): Promise<T> {
  const child = spawn('taskset', ['-c', core, ...command], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', chunk => { out += String(chunk) })
  const [code] = await once(child, 'exit') as [number | null]
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}`)
  return JSON.parse(out.trim().split('\n').at(-1) ?? '') as T
}

export const node = (): string => process.execPath
export const folder = (): string => fs.mkdtempSync(path.join(os.tmpdir(), 'devices-bench-'))
export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** The service on core 0. */
export function startService(workingPath: string, args: readonly string[] = []): Promise<Measured & { url: string }> {
  return start(SERVER_CORE, [inRepository('dist/devices'), '--listen=127.0.0.1:0', `--working-path=${workingPath}`, '--log-level=error', ...args], /Devices +\S+\n/, { DEVICES_APP_PASSWORD: 'instance-pw-1' })
    .then(measured => ({ ...measured, url: /Open +(\S+)\/example/.exec(measured.out())?.[1] ?? '' }))
}

/** The bare server on core 0. */
export function startBaseline(args: readonly string[] = []): Promise<Measured & { url: string }> {
  return start(SERVER_CORE, [node(), inRepository('bench/baseline/bare-uws.ts'), ...args], /ready \S+\n/)
    .then(measured => ({ ...measured, url: /ready (\S+)/.exec(measured.out())?.[1] ?? '' }))
}
