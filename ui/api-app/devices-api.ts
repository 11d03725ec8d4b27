/** The client API `com.innovaphone.devices` (wire-protocols 3.9): each request of a consumer becomes one of the service API. */
import { NotConnected, RequestRefused } from '../connection/errors.ts'
import { isDevice } from '../connection/messages.ts'
import { isString } from '../connection/shape.ts'
import { ProvidedApi, type ApiRequest, type Consumer } from '../host/provided-api.ts'
import type { Device, DeviceType } from '../../app/protocol/types.ts'
import { httpGet } from './http-get.ts'
import type { Service } from './service.ts'

const API = 'com.innovaphone.devices'
/** Kinds of devices by request; gateways include virtual appliances. `member` holds them in the answer. */
const LISTS: Readonly<Record<string, { readonly member: string, readonly types: DeviceType[] }>> = {
  GetGateways: { member: 'gateways', types: ['GW', 'VA'] },
  GetAppPlatforms: { member: 'appPlatforms', types: ['APP_PLATFORM'] },
  GetPhones: { member: 'phones', types: ['PHONE'] },
  GetDects: { member: 'dects', types: ['DECT'] },
}
/** As many requests of one consumer are in work; further ones are answered busy. */
const AT_ONCE = 64
/** Codes whose use is still to be told. */
const MOST_CODES = 1_000

class Refused extends Error {
  readonly code: string
  constructor(code: string, text: string) { super(text); this.name = 'Refused'; this.code = code }
}
const text = (msg: ApiRequest['msg'], name: string): string => {
  const value = msg[name]
  if (!isString(value) || value === '') throw new Refused('badRequest', `Give ${name}.`)
  return value
}
const reason = (error: unknown): { error: string, errorText: string } => {
  if (error instanceof Refused || error instanceof RequestRefused) return { error: error.code, errorText: error.message }
  return { error: error instanceof NotConnected ? 'notConnected' : 'failed', errorText: error instanceof Error ? error.message : 'failed' }
}

export class DevicesApi {
  readonly #service: Service
  readonly #api: ProvidedApi
  /** What each consumer waits for. */
  readonly #waiting = new Map<Consumer, Set<AbortController>>()
  /** Who hears of the use of a code. */
  readonly #codes = new Map<string, ApiRequest>()

  constructor(self: Window, service: Service) {
    this.#service = service
    this.#api = new ProvidedApi(self, API, {}, {
      onRequest: request => void this.#request(request),
      onConsumerClosed: consumer => {
        for (const waiting of this.#waiting.get(consumer) ?? []) waiting.abort()
        this.#waiting.delete(consumer)
        for (const [code, maker] of this.#codes) if (maker.consumer === consumer) this.#codes.delete(code)
      },
    })
  }

  /** The session is gone: the service tells nobody of codes that were made in it. */
  lost(): void { this.#codes.clear() }

  async provisioned({ code, device, error, errorText }: Readonly<Record<string, unknown>>): Promise<void> {
    const maker = isString(code) ? this.#codes.get(code) : undefined
    if (!isString(code) || !maker) return
    if (isDevice(device)) {
      this.#codes.delete(code)
      const [gateway] = await this.#withUri([device])
      this.#api.answer(maker, { mt: 'DeviceProvisioned', code, gateway })
    } else {
      this.#api.answer(maker, { mt: 'DeviceProvisioned', code, error: isString(error) ? error : 'failed', ...(isString(errorText) ? { errorText } : {}) })
    }
  }

  async #request(request: ApiRequest): Promise<void> {
    const { consumer, msg } = request
    const { mt } = msg
    if (!isString(mt)) return
    const running = this.#waiting.get(consumer) ?? new Set()
    if (running.size >= AT_ONCE) return this.#api.answer(request, { mt: `${mt}Result`, error: 'busy', errorText: 'Too many requests are in work.' })
    const waiting = new AbortController()
    this.#waiting.set(consumer, running.add(waiting))
    const answer = (message: Readonly<Record<string, unknown>>): void => { if (!waiting.signal.aborted) this.#api.answer(request, message) }
    try {
      await this.#service.online()
      await this.#answer(request, mt, answer, waiting.signal)
    } catch (error) {
      answer({ mt: `${mt}Result`, ...(mt in LISTS ? { last: true } : {}), ...reason(error) })
    } finally {
      running.delete(waiting)
      if (running.size === 0) this.#waiting.delete(consumer)
    }
  }

  async #answer(request: ApiRequest, mt: string, answer: (message: Readonly<Record<string, unknown>>) => void, signal: AbortSignal): Promise<void> {
    const { connection } = this.#service
    const { msg } = request
    const list = LISTS[mt]
    if (list) {
      const uriOf = await this.#service.uriOf()
      const { hwIds, justFxs } = msg
      return connection.requestParts('GetFilteredDevices', { types: list.types, ...(isString(hwIds) && hwIds ? { hwIds } : {}), ...(justFxs === true ? { justFxs } : {}) },
        part => answer({ mt: `${mt}Result`, [list.member]: part.devices.map(device => ({ ...device, uri: uriOf(device.hwId) })), last: part.last !== false }))
    }
    switch (mt) {
      case 'GetDevice': {
        const { device } = await connection.request('GetDevice', { hwId: text(msg, 'hwId') })
        const [withUri] = await this.#withUri([device])
        return answer({ mt: 'GetDeviceResult', device: withUri })
      }
      case 'GetDevicePhones':
        return answer({ mt: 'GetDevicePhonesResult', phones: (await connection.request('GetDevicePhones', { hwId: text(msg, 'hwId') })).phones })
      case 'RemoveDevicePhone':
        await connection.request('RemoveDevicePhone', { hwId: text(msg, 'hwId'), id: text(msg, 'id') })
        return answer({ mt: 'RemoveDevicePhoneResult' })
      case 'HttpGet':
        return answer(await httpGet(this.#service.base, msg['uri'], signal))
      case 'GetProvisioningCode': {
        const { sip, administrative } = msg
        const { code, url } = await connection.request('GetProvisioningCode', { category: text(msg, 'category'), ...(isString(sip) ? { sip } : {}), ...(administrative === true ? { administrative } : {}) })
        if (this.#codes.size < MOST_CODES) this.#codes.set(code, request)
        return answer({ mt: 'GetProvisioningCodeResult', code, url })
      }
      default:
        throw new Refused('badRequest', `There is no request ${mt.slice(0, 64)}.`)
    }
  }

  async #withUri(devices: readonly Device[]): Promise<Device[]> {
    const uriOf = await this.#service.uriOf()
    return devices.map(device => ({ ...device, uri: uriOf(device.hwId) }))
  }
}
