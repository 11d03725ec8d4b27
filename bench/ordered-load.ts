/** A load on core 1 that takes orders, one at a time. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import readline from 'node:readline'
import { inRepository, LOAD_CORE, node } from './processes.ts'

export interface OrderedLoad {
  /** Gives an order and waits for its result. */
  order<T>(line: string): Promise<T>
  stop(): Promise<void>
}

/** Starts a program of `bench/load`; it takes orders when this resolves. */
export async function startOrderedLoad(program: string, args: readonly string[]): Promise<OrderedLoad> {
  const child = spawn('taskset', ['-c', LOAD_CORE, node(), inRepository('bench/load', program), ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('the load ended too early')
    return value
  }
  await next()
  return {
    order: async <T>(line: string) => {
      child.stdin.write(`${line}\n`)
      return JSON.parse(await next()) as T
    },
    stop: async () => {
      child.stdin.end()
      await gone
    },
  }
}
