/** What the parts of a device's web server say to each other. */
import { LIMITS } from '../../limits.ts'
import type { ByteSource } from '../device/byte-queue.ts'

export interface WebRequest {
  readonly method: string
  /** As received. */
  readonly target: string
  /** Without the query, percent-encoding kept. */
  readonly path: string
  /** Without the question mark, as received. */
  readonly query: string
  /** Names in lower case; repeated fields joined with a comma. */
  readonly headers: ReadonlyMap<string, string>
}

export type WebHeaders = Readonly<Record<string, string | readonly string[]>>
/** How the end of a body is marked; `close` ends the connection. */
export type Framing = 'length' | 'chunked' | 'close'

/** Receives a request body as it arrives. */
export interface BodySink { data(bytes: Buffer): void, end(): void }

/** A protocol that takes the connection over after 101. */
export interface Takeover { receive(bytes: Buffer): void, close(): void }

export interface WebAnswer {
  /** Head and body at once. */
  send(status: number, headers: WebHeaders, body?: string | Buffer): void
  /** A body of any size, made while it is taken; `length` in bytes is announced with framing `length`. */
  stream(status: number, headers: WebHeaders, framing: Framing, length: number, source: ByteSource): void
  /** Answers 101 and hands the connection over. */
  upgrade(headers: WebHeaders, protocol: (write: (bytes: Buffer) => void, end: () => void) => Takeover): void
  readonly answered: boolean
  /** Called with the status when the answer begins. */
  onStatus: ((status: number) => void) | undefined
}

/** Answers requests. May return a sink to receive the body; without one the body is read and dropped. Answers may come later. */
export type WebHandler = (request: WebRequest, answer: WebAnswer) => BodySink | undefined

/** Collects a body up to `LIMITS.simulatedForm`, or answers 413. */
export function collect(answer: WebAnswer, done: (body: Buffer) => void): BodySink {
  const pieces: Buffer[] = []
  let size = 0
  return {
    data(bytes) {
      size += bytes.length
      if (size <= LIMITS.simulatedForm.value) pieces.push(Buffer.from(bytes))
      else if (!answer.answered) answer.send(413, { 'Connection': 'close' }, 'too large\r\n')
    },
    end() { if (!answer.answered) done(Buffer.concat(pieces)) },
  }
}
