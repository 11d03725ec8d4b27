/** `--listen` on an App Platform: a listener beside the webserver, with the certificate of the operator or else of the platform. */
import type { Router } from '../hosts/exchange.ts'
import { startStandalone, type StandaloneHost } from '../hosts/standalone/host.ts'
import type { TlsFiles } from '../hosts/standalone/tls-files.ts'
import { UnnamedPair, type PairText } from '../hosts/standalone/unnamed-pair.ts'
import type { Log } from '../observe/log.ts'
import { pairOf } from '../platform/certificate.ts'
import { explain } from './serve.ts'

export interface AdditionalListenerOptions {
  readonly listen: { readonly host: string, readonly port: number }
  /** Of the operator: then the platform's certificate is not asked for. */
  readonly tls: TlsFiles | undefined
  readonly router: Router
  readonly log: Log
  readonly hostLog: Log
}

export class AdditionalListener {
  readonly #options: AdditionalListenerOptions
  #host: StandaloneHost | undefined
  #pair: UnnamedPair | undefined
  /** One thing after the other: it is begun, changed, ended. */
  #turn: Promise<void> = Promise.resolve()

  constructor(options: AdditionalListenerOptions) { this.#options = options }

  /** Rejects with `UsageError` where address, port or certificate cannot be used. */
  start(): Promise<void> { return this.#in(() => this.#open(this.#options.listen.port, this.#options.tls)) }

  /** The platform has another certificate; empty: none. Connections stay, except those from before the first one, which are not secure. */
  certificate(pem: string): void {
    if (this.#options.tls || pem === '') return
    const pair = pairOf(pem)
    if (!pair) return this.#options.log('info', 'the certificate of the App Platform comes without its key: the listener stays as it is')
    this.#in(() => this.#use(pair)).catch((cause: unknown) => this.#options.log('error', explain(cause).text))
  }

  async stop(): Promise<void> {
    await this.#in(async () => {
      await this.#host?.stop()
      this.#pair?.close()
    })
  }

  #in(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }

  async #open(port: number, tls: TlsFiles | undefined): Promise<void> {
    const { listen: { host }, router, log, hostLog } = this.#options
    this.#host = await startStandalone({ listen: { host, port }, router, log: hostLog, tls })
    log('info', `listens at ${this.#host.urls.join(', ')}`)
  }

  async #use(pair: PairText): Promise<void> {
    if (this.#pair) this.#pair.write(pair)
    else this.#pair = new UnnamedPair(pair)
    const former = this.#host
    if (former?.secure) return former.reloadTls()
    this.#host = undefined
    await former?.stop()
    await this.#open(former?.port ?? this.#options.listen.port, this.#pair)
  }
}
