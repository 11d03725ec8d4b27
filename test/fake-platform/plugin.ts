/** One service at the fake webserver: its registrations and its open requests. */
import type net from 'node:net'
import { frame, frameCollector, readText, readTlv, text, tlv, type Frame } from './frames.ts'

export type Talk = (frame: Frame) => void

/** What the plugins of one webserver share. */
export interface Shared {
  readonly version: number
  readonly paths: Map<string, { plugin: Plugin, http: boolean, websocket: boolean, asks: boolean }>
  /** Paths that are answered "registered already". */
  readonly refused: Set<string>
  /** What a service must not do (3.4, 3.5), as text. */
  readonly violations: string[]
  changed(): void
}

const CONTROL = 0xffffff00
let numbers = 0

export class Plugin {
  readonly #socket: net.Socket
  readonly #shared: Shared
  readonly #talks = new Map<number, { talk: Talk, lost: () => void }>()
  #greeted = false
  #corked = false

  constructor(socket: net.Socket, shared: Shared) {
    this.#socket = socket
    this.#shared = shared
    const collect = frameCollector(one => this.#frame(one))
    socket.on('data', bytes => collect(bytes))
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const [path, { plugin }] of shared.paths) if (plugin === this) shared.paths.delete(path)
      for (const { lost } of [...this.#talks.values()]) lost()
      this.#talks.clear()
      shared.changed()
    })
  }

  get open(): number { return this.#talks.size }

  /** A new request or websocket. */
  begin(talk: Talk, lost: () => void): number {
    const cid = numbers = (numbers % 0x7fffffff) + 1
    this.#talks.set(cid, { talk, lost })
    return cid
  }

  finish(cid: number): void { this.#talks.delete(cid) }

  send(cid: number, type: number, gp = 0, payload?: Uint8Array): void {
    if (this.#socket.destroyed) return
    if (!this.#corked) {
      this.#corked = true
      this.#socket.cork()
      process.nextTick(() => {
        this.#corked = false
        this.#socket.uncork()
      })
    }
    this.#socket.write(frame(cid, type, gp, payload))
  }

  wrong(what: string): void { this.#shared.violations.push(what) }
  destroy(): void { this.#socket.destroy() }

  #frame(one: Frame): void {
    if (one.cid === CONTROL) return this.#control(one)
    const known = this.#talks.get(one.cid)
    // 0x12, and a RECV for the next piece of a body, may cross our own last word; nothing else may follow it.
    if (known) known.talk(one)
    else if (one.type !== 0x12 && one.type !== 0x0c && !(one.type === 0x11 && (one.gp & 0xffff) !== 3)) this.wrong(`message ${one.type.toString(16)} for a connection that is over`)
  }

  #control({ type, gp, payload }: Frame): void {
    if (type === 0x1f) {
      if (this.#greeted || gp !== 2 || payload.at(-1) !== 0) this.wrong('SET_PLUGINS_WEB_ROOT')
      this.#greeted = true
      return this.send(CONTROL, 0x22, this.#shared.version)
    }
    if (type !== 1 && type !== 4) return this.wrong(`control message ${type.toString(16)}`)
    if (!this.#greeted) this.wrong('registration before SET_PLUGINS_WEB_ROOT')
    const items = readTlv(payload)
    const path = readText(items.get(7)) ?? ''
    const { paths, refused } = this.#shared
    const known = paths.get(path)
    if (refused.has(path) || (known && known.plugin !== this)) return this.send(CONTROL, 2, 2)
    const entry = known ?? { plugin: this, http: false, websocket: false, asks: false }
    if (type === 1) {
      entry.http = true
      entry.asks = items.has(0x10) && readText(items.get(8)) === '<dynamic authentication activated>'
    } else entry.websocket = true
    paths.set(path, entry)
    this.send(CONTROL, 2, 0)
    this.#shared.changed()
  }

  /** Asks for the password of a user; `undefined`: there is none of that name. */
  passwordOf(path: string, registered: string, host: string, user: string): Promise<string | undefined> {
    return new Promise(resolve => {
      const cid = this.begin(({ type, payload }) => {
        this.finish(cid)
        if (type !== 0x1e) this.wrong('no answer to REQUEST_USER_PASSWORD')
        resolve(payload.length === 0 ? undefined : readText(readTlv(payload).get(9)))
      }, () => resolve(undefined))
      this.send(cid, 0x1d, 0, tlv([[0, text(path)], [1, text(registered)], [6, text(host)], [8, text(user)]]))
    })
  }
}
