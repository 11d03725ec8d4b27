/**
 * What a host hands to the service, and all the service ever sees of it (architecture, invariant 1):
 * one `Exchange` per HTTP request and one `Peer` per websocket. Every host passes the same behaviour table
 * (`test/hosts/behaviour.ts`).
 */

/** Header fields in the order received; names in lower case, values as received. */
export type HeaderList = ReadonlyArray<readonly [name: string, value: string]>

/** One HTTP request, streaming both ways with back-pressure. All callbacks run on the event loop, never re-entrantly from the call that registers them. */
export interface Exchange {
  /** Upper case. */
  readonly method: string
  /** Raw path as received, percent-encoding kept, without the query. */
  readonly path: string
  /** Raw query without the `?`; empty when there is none. */
  readonly query: string
  readonly headers: HeaderList
  header(name: string): string | undefined
  /** Address of the client, without port; empty when the host cannot know it. */
  readonly address: string
  /** True when the client spoke TLS to the host. */
  readonly secure: boolean
  /** Declared body length in bytes; `undefined` for a chunked body; 0 for none. */
  readonly bodyLength: number | undefined

  /**
   * Starts reading the body. `onData` gets chunks that are valid during the call only (copy to keep); `last` is true exactly once.
   * Must be called before the handler returns, or never.
   */
  readBody(onData: (chunk: Uint8Array, last: boolean) => void): void
  /** Stops the flow of body chunks (what is already buffered may still arrive). */
  pauseBody(): void
  resumeBody(): void

  /** Sends the response head. `length` is the exact body length in bytes; `undefined` sends a chunked body. Once only. */
  start(status: number, headers: HeaderList, length?: number): void
  /** Sends a piece of the body. False means: wait for `onDrain` before writing more (the piece itself is taken). */
  write(chunk: Uint8Array | string): boolean
  /** Ends the response, optionally with a last piece. */
  end(chunk?: Uint8Array | string): void
  /** Head and body in one. */
  respond(status: number, headers: HeaderList, body?: Uint8Array | string): void
  /** Breaks the connection: the client sees an incomplete response. */
  abort(): void

  /** Called when the client can take more after `write` returned false. */
  onDrain(callback: () => void): void
  /** Called once when the client has gone before the response ended. Nothing may be written after it. */
  onAborted(callback: () => void): void
  /** True once the response has ended or the client has gone. */
  readonly finished: boolean
}

/** A request to become a websocket, to be answered synchronously by the router. */
export interface UpgradeRequest {
  readonly path: string
  readonly query: string
  readonly headers: HeaderList
  header(name: string): string | undefined
  readonly address: string
  readonly secure: boolean
}

/** One websocket. `context` is the handler's own state of it. */
export interface Peer<C = unknown> {
  readonly context: C
  readonly address: string
  readonly secure: boolean
  /** Sends one message. `closed`: the peer is gone. `full`: more than `LIMITS.peerBuffered` waited and the peer was closed. `queued`: wait for `drain` before sending bulk data. */
  send(data: string | Uint8Array): 'sent' | 'queued' | 'full' | 'closed'
  /** Groups the sends made inside `callback` into as few system calls as possible. */
  cork(callback: () => void): void
  /**
   * Asks for a sign that what was sent before has arrived: `pong` of the handler. On a host without pings it says only that
   * the webserver has taken it.
   */
  ping(): void
  /** True when a pong comes from the client itself. */
  readonly pongsProve: boolean
  /** Bytes that wait to be sent. */
  readonly buffered: number
  readonly open: boolean
  /** Closes with a websocket close frame. */
  end(code: number, reason: string): void
  /** Breaks the connection without a close frame. */
  terminate(): void
}

/** Behaviour of one kind of websocket; one shared object for all its peers (no closure per connection: 100,000 devices). */
export interface PeerHandler<C> {
  opened?(peer: Peer<C>): void
  /** `data` is valid during the call only when it is bytes; copy to keep. Text frames arrive as string. */
  message(peer: Peer<C>, data: string | Uint8Array): void
  drained?(peer: Peer<C>): void
  pong?(peer: Peer<C>): void
  closed?(peer: Peer<C>, code: number, reason: string): void
}

/** Answer to an upgrade request. */
export type UpgradeAnswer =
  | { readonly accept: PeerHandler<never>, readonly context: unknown, readonly protocol?: string, readonly maxMessage: number }
  | { readonly status: number, readonly text: string, readonly headers?: HeaderList }
  /** The decision comes later (a tunnelled websocket waits for the device); the host keeps the request meanwhile. */
  | { readonly later: (answer: (final: Exclude<UpgradeAnswer, { later: unknown }>) => void, onAborted: (callback: () => void) => void) => void }

/** Builds an accepting answer with handler and context checked against each other. */
export const accept = <C>(handler: PeerHandler<C>, context: C, options: { maxMessage: number, protocol?: string }): Extract<UpgradeAnswer, { accept: unknown }> =>
  ({ accept: handler, context, ...options })

/** What the service gives to a host. */
export interface Router {
  request(exchange: Exchange): void
  upgrade(request: UpgradeRequest): UpgradeAnswer
}

/** A running host. */
export interface Host {
  /** Addresses the host listens on, for printing: `http://127.0.0.1:8080`. */
  readonly urls: readonly string[]
  /** Stops taking new connections, waits at most `LIMITS.drainOnStop`, then closes all. */
  stop(): Promise<void>
}
