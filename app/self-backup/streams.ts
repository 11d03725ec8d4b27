/** Bodies of requests and answers as Node's streams, with back-pressure both ways. */
import { Readable } from 'node:stream'
import type { Exchange } from '../hosts/exchange.ts'

/** The body of a request. Must be called before the handler returns. Errors when the client goes. */
export function bodyOf(exchange: Exchange): Readable {
  const body = new Readable({ read: () => exchange.resumeBody() })
  exchange.onAborted(() => body.destroy(new Error('the client has gone')))
  exchange.readBody((chunk, last) => {
    if (body.destroyed) return
    // The bytes are valid during this call only.
    if (chunk.length > 0 && !body.push(Buffer.from(chunk)) && !last) exchange.pauseBody()
    if (last) body.push(null)
  })
  return body
}

/** Sends a stream as the rest of an answer whose head has been sent; breaks it off when the stream fails. */
export async function send(exchange: Exchange, stream: Readable): Promise<void> {
  let goOn = (): void => {}
  exchange.onDrain(() => goOn())
  stream.once('close', () => goOn())
  exchange.onAborted(() => {
    stream.destroy()
    goOn()
  })
  try {
    for await (const chunk of stream) {
      if (exchange.finished) return
      if (!exchange.write(chunk as Buffer)) await new Promise<void>(resolve => { goOn = resolve })
    }
    if (!exchange.finished) exchange.end()
  } catch {
    if (!exchange.finished) exchange.abort()
  }
}
