/**
 * Window messages between the app and the myApps client that shows it in a frame (wire-protocols 6.4): JSON strings.
 * Only messages of the parent window itself are read; device pages in child frames can say what they want.
 */
import { isString, parseObject } from '../connection/shape.ts'
import type { ParentLogin } from '../connection/connection.ts'

export interface ParentEvents {
  onLang(lang: string): void
  onScheme(scheme: string): void
  onArgs(args: string): void
  /** Show or hide the menu; undefined: the other way round. */
  onMenu(open: boolean | undefined): void
  /** The page is about to be reloaded: keep what must not be lost, then the answer goes out. */
  onPrepareReload(): void
}

const LOGIN_FIELDS = ['app', 'domain', 'sip', 'guid', 'dn', 'info', 'digest', 'pbxObj']

export class ParentWindow {
  readonly #parent: Window
  readonly #appObject: string | undefined
  #login: { readonly src: string, readonly resolve: (login: ParentLogin) => void } | undefined

  constructor(self: Window, appObject: string | undefined, events: ParentEvents) {
    this.#parent = self.parent
    this.#appObject = appObject
    self.addEventListener('message', event => {
      if (event.source !== this.#parent) return
      const message = parseObject(event.data)
      if (message) this.#received(message, events)
    })
    this.#post({ mt: 'Alive' })
    this.#post({ mt: 'RequestPrepareReload' })
  }

  /** Asks the client for a login with this challenge. The promise stays open when the client never answers. */
  login(challenge: string): Promise<ParentLogin> {
    const src = crypto.getRandomValues(new Uint32Array(2)).join('')
    this.#post({ mt: 'getLogin', src, app: this.#appObject ?? '', challenge })
    return new Promise(resolve => { this.#login = { src, resolve } })
  }

  /** Tells the client where the app is, so that its history and bookmarks lead back here. */
  setArgs(args: string, title: string): void { this.#post({ mt: 'Action', type: 'SetArgs', value: { args, title } }) }

  /** Another app led here: the user shall see it. */
  bringToFront(): void { this.#post({ mt: 'Action', type: 'BringToFront' }) }

  /** A number on the icon of the app. The protocol names the action, not the shape of its value (wire-protocols 6.4): it is the number itself; 0 takes it away. */
  setBadge(count: number): void { this.#post({ mt: 'Action', type: 'SetBadge', value: count }) }

  setMenuState(open: boolean): void { this.#post({ mt: 'SetMenuState', value: open ? 'open' : 'closed' }) }

  // The address of the parent is unknown to an app; what is sent is no secret to whoever frames it (6.4: target "*").
  #post(message: Record<string, unknown>): void { this.#parent.postMessage(JSON.stringify(message), '*') }

  #received(message: Record<string, unknown>, events: ParentEvents): void {
    switch (message['mt']) {
      case 'Login': {
        // Clients before 14r1 do not echo `src`.
        if (isString(message['src']) && message['src'] !== this.#login?.src) return
        if (this.#appObject !== undefined && isString(message['pbxObj']) && message['pbxObj'] !== this.#appObject) return
        const { key } = message
        this.#login?.resolve({
          fields: Object.fromEntries(LOGIN_FIELDS.flatMap(name => message[name] === undefined ? [] : [[name, message[name]]])), key: isString(key) ? key : undefined,
          // Clients from 14r1 on want to know whether their login was good (wire-protocols 5.3).
          answered: ok => this.#post({ mt: 'loginResult', ok }),
        })
        this.#login = undefined
        return
      }
      case 'SetLang': return isString(message['lang']) ? events.onLang(message['lang']) : undefined
      case 'SetScheme': return isString(message['scheme']) ? events.onScheme(message['scheme']) : undefined
      case 'SetArgs': return isString(message['args']) ? events.onArgs(message['args']) : undefined
      case 'SetMenuState': {
        const value = message['value'] ?? message['state']
        return events.onMenu(value === 'open' ? true : value === 'closed' ? false : undefined)
      }
      case 'PrepareReload':
        events.onPrepareReload()
        return this.#post({ mt: 'PrepareReloadComplete' })
    }
  }
}
