/** The hidden app's connection to the service: signed in by the parent window, with the session key of passthrough addresses. */
import { Connection, type ParentLogin } from '../connection/connection.ts'
import { NotConnected } from '../connection/errors.ts'
import { appName, websocketUrl } from '../connection/location.ts'
import { isDomain } from '../connection/messages.ts'
import { isNumber } from '../connection/shape.ts'
import { openBuild } from '../host/new-build.ts'
import type { Domain } from '../../app/protocol/types.ts'
import { deviceUri, passthroughBase } from './passthrough-base.ts'

/** A request of a consumer waits this long for the connection, in ms. */
const PATIENCE = 30_000

export class Service {
  readonly connection: Connection
  /** Addresses of device pages begin so. */
  readonly base: string
  #key: Promise<string> | undefined
  #domains = new Map<number, Domain>()

  /** @param onIndication messages of the service that belong to no request  @param onLost the session, with all it was told, is gone */
  constructor(page: string, url: string | null, parentLogin: (challenge: string) => Promise<ParentLogin>, onIndication: (message: Record<string, unknown>) => void, onLost: () => void) {
    const websocket = websocketUrl(page, url)
    this.base = passthroughBase(websocket, page)
    this.connection = new Connection({
      url: websocket, app: appName(page), page, parentLogin, onNewBuild: openBuild, onKept: () => undefined, onRefused: () => undefined,
      onIndication: message => {
        const { domain, id } = message
        if (isDomain(domain)) this.#domains.set(domain.id, domain)
        else if (message['mt'] === 'DomainDeleted' && isNumber(id)) this.#domains.delete(id)
        else onIndication(message)
      },
    })
    let was: string | undefined
    this.connection.state.subscribe(() => {
      const { at } = this.connection.state.value
      if (was === 'online' && at !== 'online') {
        this.#key = undefined
        onLost()
      }
      if (was !== 'online' && at === 'online') void this.#readDomains()
      was = at
    })
    this.connection.signIn({ kind: 'parent' })
  }

  /** Resolves when somebody is signed in. @throws NotConnected */
  online(): Promise<void> {
    const { state } = this.connection
    if (state.value.at === 'online') return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        stop()
        reject(new NotConnected(false))
      }, PATIENCE)
      const stop = state.subscribe(() => {
        if (state.value.at !== 'online') return
        clearTimeout(timer)
        stop()
        resolve()
      })
    })
  }

  /** Address of a device's pages; good until the connection ends. */
  async uriOf(): Promise<(hwId: string) => string> {
    this.#key ??= this.connection.request('GetUserInfo', {}).then(({ key }) => key)
    try {
      const key = await this.#key
      return hwId => deviceUri(this.base, hwId, key)
    } catch (error) {
      this.#key = undefined
      throw error
    }
  }

  get domains(): readonly Domain[] { return [...this.#domains.values()] }
  domainName(id: number): string { return this.#domains.get(id)?.name ?? '' }

  async #readDomains(): Promise<void> {
    const found = new Map<number, Domain>()
    try {
      await this.connection.requestParts('GetDomains', { recvUpdates: true }, part => { for (const domain of part.domains) found.set(domain.id, domain) })
      this.#domains = found
    } catch {
      // Without rights, or without a connection, no domain is found; the next connection reads them again.
    }
  }
}
