/**
 * Our own update URL for devices with factory settings (features 5.3): the answer is a script of one line that tells the device where to
 * register. It is executed like any answer to the update client UP1.
 */
import { urlOption } from '../devices/option-value.ts'
import type { Domains } from '../domains/domains.ts'
import type { Exchange } from '../hosts/exchange.ts'
import type { Log } from '../observe/log.ts'
import type { CounterName } from '../observe/metrics.ts'
import { automaticParameters, REFUSALS, type AutomaticParameters, type Refusal } from './code-rules.ts'
import type { GuessThrottle } from './guess-throttle.ts'
import { guessOf, isGuess, judgeParameters } from './tokens.ts'

export const initScript = (url: string): string => `config change SYSCLIENT /sysadmin ${urlOption(url)}\r\n`

/** A URL that ends in `/` gets `update-<product>.htm` appended by the device (features 9.2). */
export const isInitPath = (path: string): boolean => /^\/init(\/|\/update-[\w-]+\.htm)?$/.test(path)

interface Deps {
  readonly enabled: () => boolean
  readonly registrationUrl: () => string
  readonly domains: Domains
  readonly throttle: GuessThrottle
  readonly log: Log
  readonly count: (name: CounterName) => void
}

export class InitUrl {
  readonly #deps: Deps
  constructor(deps: Deps) { this.#deps = deps }

  /** Answers a poll. False: offline provisioning is off, and there is nothing at this address. */
  serve(exchange: Exchange): boolean {
    if (!this.#deps.enabled() || (exchange.method !== 'GET' && exchange.method !== 'HEAD')) return false
    this.#deps.count('init_requests')
    const given = automaticParameters(exchange.query)
    const wait = given ? this.#deps.throttle.begin(exchange.address, guessOf(given)) : 0
    if (wait === undefined) this.#answer(exchange, this.#without(exchange.address, 'tooMany'))
    else if (wait > 0) setTimeout(() => { if (!exchange.finished) this.#answer(exchange, this.#url(exchange.address, given)) }, wait)
    else this.#answer(exchange, this.#url(exchange.address, given))
    return true
  }

  #answer(exchange: Exchange, url: string): void {
    exchange.respond(200, [['content-type', 'text/plain; charset=utf-8'], ['cache-control', 'no-store']], initScript(url))
  }

  /** Parameters of automatic provisioning are passed on only with the right token; wrong ones count as guesses. */
  #url(address: string, given: AutomaticParameters | undefined): string {
    const url = this.#deps.registrationUrl()
    if (!given) return url
    const judged = judgeParameters(given, this.#deps.domains.byName(given.domain))
    if (judged.ok) return `${url}?${['domain', 'token', 'category'].map(name => `${name}=${encodeURIComponent(given[name as keyof AutomaticParameters])}`).join('&')}`
    if (isGuess(judged.why)) this.#deps.throttle.failed(address, guessOf(given))
    return this.#without(address, judged.why)
  }

  #without(address: string, why: Refusal): string {
    this.#deps.count('provisioning_refused')
    this.#deps.log('warn', `registration URL for ${address} without parameters: ${REFUSALS[why]}`)
    return this.#deps.registrationUrl()
  }
}
