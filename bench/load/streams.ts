/** Requests for files: as many as go, or at fixed times. The same for every kind of getter. */
import { performance } from 'node:perf_hooks'

/** Asks for one file at a time and counts the bytes of its body. */
export interface FileGetter {
  get(path: string): Promise<number>
  close(): void
}

/** `streams` getters, each of which asks for the next file when it has the one before. */
export async function flow(getter: (stream: number) => FileGetter, path: (stream: number) => string, streams: number, seconds: number): Promise<{ bytes: number }> {
  const until = performance.now() + seconds * 1000
  let bytes = 0
  await Promise.all(Array.from({ length: streams }, async (_, stream) => {
    const one = getter(stream)
    while (performance.now() < until) {
      const got = await one.get(path(stream))
      bytes += got
    }
    one.close()
  }))
  return { bytes }
}

/** Requests at fixed times, however long the answers take. */
export async function pace(getter: () => FileGetter, path: string, perSecond: number, seconds: number): Promise<{ p99: number }> {
  const idle: FileGetter[] = []
  const took: number[] = []
  const one = async (): Promise<void> => {
    const one = idle.pop() ?? getter()
    const from = performance.now()
    await one.get(path)
    took.push(performance.now() - from)
    idle.push(one)
  }
  const all: Promise<void>[] = []
  const start = performance.now()
  for (let n = 0; n < perSecond * seconds; n++) {
    const wait = start + n * 1000 / perSecond - performance.now()
    if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait))
    all.push(one())
  }
  await Promise.all(all)
  for (const getter of idle) getter.close()
  took.sort((a, b) => a - b)
  return { p99: took[Math.ceil(took.length * 0.99) - 1] ?? NaN }
}
