/** The listening socket of the host: found, explained when it cannot be had, replaced when the certificate is renewed. */
import type { us_listen_socket } from 'uWebSockets.js'
import net from 'node:net'
import { UsageError } from '../../errors.ts'
import type { Log } from '../../observe/log.ts'
import { checkTlsFiles, tlsStamp, type TlsFiles } from './tls-files.ts'
import { uws, type UwsApp } from './uws.ts'

export interface ListenAddress { readonly host: string, readonly port: number }

/** How often the certificate files are looked at, ms. */
const TLS_LOOK = 5_000

const text = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

export class Listener {
  readonly #host: string
  readonly #tls: TlsFiles | undefined
  readonly #attach: (app: UwsApp) => void
  readonly #log: Log
  /** Every app whose connections may still live; the last one listens. */
  readonly #apps: UwsApp[] = []
  #socket: us_listen_socket | undefined
  #port: number
  #stamp = ''
  #seen = ''
  #look: NodeJS.Timeout | undefined

  /** `attach` registers the handlers with an app. */
  constructor(address: ListenAddress, tls: TlsFiles | undefined, attach: (app: UwsApp) => void, log: Log) {
    this.#host = address.host
    this.#port = address.port
    this.#tls = tls
    this.#attach = attach
    this.#log = log
  }

  get port(): number { return this.#port }

  /** Begins to listen. Rejects with `UsageError` where the address, the port or the certificate cannot be used. */
  async open(): Promise<void> {
    if (this.#tls) {
      this.#seen = this.#stamp = tlsStamp(this.#tls)
      checkTlsFiles(this.#tls)
    }
    // Only a port that is named gets the option by which it can be taken again while connections of it live on.
    if (this.#port === 0 && this.#tls) this.#port = await probe(this.#host, 0)
    const app = this.#build()
    this.#socket = listen(app, this.#host, this.#port)
    if (!this.#socket) {
      await probe(this.#host, this.#port) // throws with the reason, unless that has just gone away
      this.#socket = listen(app, this.#host, this.#port)
    }
    if (!this.#socket) throw cannotListen(this.#host, this.#port, undefined)
    this.#apps.push(app)
    this.#port = uws().us_socket_local_port(this.#socket)
    if (this.#tls) this.#look = setInterval(() => this.#lookAtFiles(), TLS_LOOK).unref()
  }

  /**
   * Takes the certificate from its files again if they have changed. New connections get the new one, old ones live on. A pair
   * that cannot be used is reported and the old one kept.
   */
  reloadTls(): void {
    if (!this.#tls || !this.#socket) return
    const stamp = tlsStamp(this.#tls)
    if (stamp === this.#stamp) return
    this.#seen = this.#stamp = stamp
    try {
      checkTlsFiles(this.#tls)
      this.#replace(this.#build())
      this.#log('info', 'the renewed certificate is in use')
    } catch (cause) {
      this.#log('error', `the certificate stays as it was: ${text(cause)}`)
    }
  }

  /** Takes no more connections. */
  close(): void {
    clearInterval(this.#look)
    if (this.#socket) uws().us_listen_socket_close(this.#socket)
    this.#socket = undefined
  }

  /** Breaks every connection there still is. */
  closeAll(): void {
    for (const app of this.#apps) app.close()
    this.#apps.length = 0
  }

  /** Two files are not written at once: a change counts when it has lasted from one look to the next. */
  #lookAtFiles(): void {
    if (!this.#tls) return
    const stamp = tlsStamp(this.#tls)
    if (stamp === this.#seen) this.reloadTls()
    this.#seen = stamp
  }

  #build(): UwsApp {
    const tls = this.#tls
    let app: UwsApp
    try {
      app = tls ? uws().SSLApp({ cert_file_name: tls.certFile, key_file_name: tls.keyFile, ssl_prefer_low_memory_usage: true }) : uws().App()
    } catch (cause) {
      if (!tls) throw cause
      throw new UsageError('tls-file', `certificate ${tls.certFile} and key ${tls.keyFile} cannot be used together`, { cause })
    }
    this.#attach(app)
    return app
  }

  /**
   * uWS cannot give a listener another certificate: another app takes over the port. The port is never shared, so that a second
   * start is refused by the system; in the same turn of the loop one lets go of it and the other takes it.
   */
  #replace(fresh: UwsApp): void {
    const old = this.#apps.at(-1)
    if (this.#socket) uws().us_listen_socket_close(this.#socket)
    this.#socket = listen(fresh, this.#host, this.#port)
    if (this.#socket) {
      this.#apps.push(fresh)
      return
    }
    this.#socket = old && listen(old, this.#host, this.#port)
    this.#stamp = '' // again at the next look
    throw new UsageError('port-in-use', `port ${this.#port} could not be taken over${this.#socket ? '' : ' and is lost'}`)
  }
}

function listen(app: UwsApp, host: string, port: number): us_listen_socket | undefined {
  let listening: us_listen_socket | undefined
  app.listen(host, port, uws().LIBUS_LISTEN_EXCLUSIVE_PORT, socket => { if (socket) listening = socket })
  return listening
}

/** Tells a listening error in the words of an operator. */
export function cannotListen(host: string, port: number, cause: unknown): UsageError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EACCES' || code === 'EPERM') return new UsageError('port-not-allowed', `port ${port} may only be used with more rights; choose one above 1023 with --listen`, { cause })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EINVAL') {
    return new UsageError('bad-address', `${host} is no address of this machine; choose another with --listen`, { cause })
  }
  return new UsageError('port-in-use', `port ${port} of ${host} is in use; stop the other program or choose another port with --listen`, { cause })
}

/** Asks the operating system for the port (0: any free one): uWS says only that it failed, this says why. */
function probe(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', cause => reject(cannotListen(host, port, cause)))
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port))
    })
  })
}
