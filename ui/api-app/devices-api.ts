/** The client API `com.innovaphone.devices` (wire-protocols 3.9): each request of a consumer becomes one of the service API. */
import { NotConnected, RequestRefused } from '../connection/errors.ts'
import { isDevice } from '../connection/messages.ts'
import { isString } from '../connection/shape.ts'
import { ProvidedApi, type ApiRequest, type Consumer } from '../host/provided-api.ts'
import type { DeviceProvisionedMessage, DevicesFailure, DevicesResult, ListRequest } from '../../app/protocol/client-apis.ts'
import type { Device, DeviceType } from '../../app/protocol/types.ts'
import { httpGet } from './http-get.ts'
import type { Service } from './service.ts'

interface List {
  readonly types: DeviceType[]
  part(devices: Device[], last: boolean): DevicesResult<ListRequest>
}
/** Kinds of devices by request; gateways include virtual appliances. */
const LISTS: { readonly [K in ListRequest]: List } = {
  GetGateways: { types: ['GW', 'VA'], part: (gateways, last) => ({ mt: 'GetGatewaysResult', gateways, last }) },
  GetAppPlatforms: { types: ['APP_PLATFORM'], part: (appPlatforms, last) => ({ mt: 'GetAppPlatformsResult', appPlatforms, last }) },
  GetPhones: { types: ['PHONE'], part: (phones, last) => ({ mt: 'GetPhonesResult', phones, last }) },
  GetDects: { types: ['DECT'], part: (dects, last) => ({ mt: 'GetDectsResult', dects, last }) },
}
const isList = (mt: string): mt is ListRequest => Object.hasOwn(LISTS, mt)
/** As many requests of one consumer are in work; further ones are answered busy. */
const AT_ONCE = 64
/** Codes whose use is still to be told. */
const MOST_CODES = 1_000

type Code = DevicesFailure['error']
class Refused extends Error {
  readonly code: Code
  constructor(code: Code, text: string) { super(text); this.name = 'Refused'; this.code = code }
}
const text = (msg: ApiRequest['msg'], name: string): string => {
  const value = msg[name]
  if (!isString(value) || value === '') throw new Refused('badRequest', `Give ${name}.`)
  return value
}
const reason = (error: unknown): { error: Code, errorText: string } => {
  if (error instanceof Refused || error instanceof RequestRefused) return { error: error.code, errorText: error.message }
  return { error: error instanceof NotConnected ? 'notConnected' : 'failed', errorText: error instanceof Error ? error.message : 'failed' }
}

/** A refusal ends a list as well. */
const failure = (mt: string, why: { error: Code, errorText: string }): DevicesFailure => ({ mt: `${mt}Result`, ...(isList(mt) ? { last: true } : {}), ...why })

type Answer = DevicesResult | DevicesFailure

export class DevicesApi {
  readonly #service: Service
  readonly #api: ProvidedApi
  /** What each consumer waits for. */
  readonly #waiting = new Map<Consumer, Set<AbortController>>()
  /** Who hears of the use of a code. */
  readonly #codes = new Map<string, ApiRequest>()

  constructor(self: Window, service: Service) {
    this.#service = service
    this.#api = new ProvidedApi(self, 'com.innovaphone.devices', {}, {
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
      const gateway = await this.#withUri(device)
      this.#tell(maker, { mt: 'DeviceProvisioned', code, gateway })
    } else {
      this.#tell(maker, { mt: 'DeviceProvisioned', code, error: isString(error) ? error : 'failed', ...(isString(errorText) ? { errorText } : {}) })
    }
  }

  #tell(to: ApiRequest, message: Answer | DeviceProvisionedMessage): void { this.#api.answer(to, message) }

  async #request(request: ApiRequest): Promise<void> {
    const { consumer, msg } = request
    const { mt } = msg
    if (!isString(mt)) return
    const running = this.#waiting.get(consumer) ?? new Set()
    if (running.size >= AT_ONCE) return this.#tell(request, failure(mt, { error: 'busy', errorText: 'Too many requests are in work.' }))
    const waiting = new AbortController()
    this.#waiting.set(consumer, running.add(waiting))
    const answer = (message: Answer): void => { if (!waiting.signal.aborted) this.#tell(request, message) }
    try {
      await this.#service.online()
      await this.#answer(request, mt, answer, waiting.signal)
    } catch (error) {
      answer(failure(mt, reason(error)))
    } finally {
      running.delete(waiting)
      if (running.size === 0) this.#waiting.delete(consumer)
    }
  }

  async #answer(request: ApiRequest, mt: string, answer: (message: Answer) => void, signal: AbortSignal): Promise<void> {
    const { connection } = this.#service
    const { msg } = request
    if (isList(mt)) {
      const list = LISTS[mt]
      const uriOf = await this.#service.uriOf()
      const { hwIds, justFxs } = msg
      return connection.requestParts('GetFilteredDevices', { types: list.types, ...(isString(hwIds) && hwIds ? { hwIds } : {}), ...(justFxs === true ? { justFxs } : {}) },
        part => answer(list.part(part.devices.map(device => ({ ...device, uri: uriOf(device.hwId) })), part.last !== false)))
    }
    switch (mt) {
      case 'GetDevice': {
        const { device } = await connection.request('GetDevice', { hwId: text(msg, 'hwId') })
        return answer({ mt: 'GetDeviceResult', device: await this.#withUri(device) })
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

  async #withUri(device: Device): Promise<Device> {
    const uriOf = await this.#service.uriOf()
    return { ...device, uri: uriOf(device.hwId) }
  }
}
