/** The way into devices for browsers and programs: `/passthrough/<hwId>/<key>/…` (wire-protocols 4). */
import type { Exchange, UpgradeAnswer, UpgradeRequest } from '../hosts/exchange.ts'
import { asksForServiceWorker, audienceOf } from './audience.ts'
import { tunnelBounds, type TunnelBounds } from './bounds.ts'
import type { DeviceChannel, Reached, TunnelAccess, TunnelEnds } from './channel.ts'
import { corsHeaders, isPreflight, preflightAnswer } from './cors.ts'
import { DeviceHttp } from './device-http.ts'
import { DeviceTunnels } from './device-tunnels.ts'
import { Fleet, type FleetDeps } from './fleet.ts'
import type { Place } from './location.ts'
import { isOwn, serveOwn } from './own-pages.ts'
import { notReached, OWN_HEADERS, REFUSALS, refuse } from './refusal.ts'
import { Relay } from './relay.ts'
import { isHost, isMethod, isTarget } from './request-head.ts'
import { Visits } from './visits.ts'
import { WebsocketBridge } from './websocket-bridge.ts'

export interface PassthroughDeps extends FleetDeps {
  readonly access: TunnelAccess
  /** For tests: other bounds than the table's. */
  readonly limits?: Partial<TunnelBounds>
}

/** An address below `/passthrough/`, taken apart. The key is a credential. */
export interface PassthroughAddress { readonly hwId: string, readonly key: string, readonly rest: string }

export interface Passthrough {
  /** Takes the part of a path below the instance apart; `rest` is path and query inside the device, verbatim. Undefined when it is no passthrough address. */
  parse(path: string): PassthroughAddress | undefined
  request(exchange: Exchange, hwId: string, key: string, rest: string): void
  upgrade(request: UpgradeRequest, hwId: string, key: string, rest: string): UpgradeAnswer
  /** The tunnels of a device connection, made at its first tunnel frame or use. */
  attach(channel: DeviceChannel): TunnelEnds
  /** Requests of the service itself, with a look-up of connected devices. */
  http(channelOf: (hwId: string) => DeviceChannel | undefined): DeviceHttp
  readonly stats: { readonly tunnels: number, readonly devices: number, readonly bytesToDevices: number, readonly bytesFromDevices: number }
}

const ADDRESS = /^\/passthrough\/([^/?#]+)\/([^/?#]+)([/?].*)?$/s

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function createPassthrough(deps: PassthroughDeps): Passthrough {
  const bounds = tunnelBounds(deps.limits)
  const fleet = new Fleet(deps, bounds)
  const visits = new Visits(bounds)
  const world = { bounds, now: () => deps.clock.now(), trouble: (hwId: string, what: string) => fleet.trouble(hwId, what) }

  const tunnelsOf = (channel: DeviceChannel): DeviceTunnels => {
    if (channel.tunnels instanceof DeviceTunnels) return channel.tunnels
    const tunnels = new DeviceTunnels(channel, fleet)
    channel.tunnels = tunnels
    return tunnels
  }

  const placeOf = (outer: { path: string, query: string, header(name: string): string | undefined }, rest: string, reached: Reached): Place => {
    const whole = outer.query === '' ? outer.path : `${outer.path}?${outer.query}`
    return { prefix: whole.slice(0, whole.length - rest.length), host: outer.header('host') ?? '', addresses: () => reached.addresses() }
  }

  return {
    parse(path) {
      const found = ADDRESS.exec(path)
      return found ? { hwId: decoded(found[1] as string), key: found[2] as string, rest: found[3] ?? '' } : undefined
    },

    request(exchange, hwId, key, rest) {
      const reached = deps.access.reach(hwId, key)
      if ('status' in reached) return refuse(exchange, notReached(reached.status, reached.text))
      const place = placeOf(exchange, rest, reached)
      if (isPreflight(exchange)) return exchange.respond(204, preflightAnswer(exchange))
      // Relative links of the device's first page need the slash.
      if (!rest.startsWith('/')) return redirect(exchange, 308, `${place.prefix}/${rest}`)
      if (!isTarget(rest) || !isHost(place.host) || !isMethod(exchange.method) || !Number.isSafeInteger(exchange.bodyLength ?? 0)) return refuse(exchange, REFUSALS.badRequest)
      if (asksForServiceWorker(exchange)) return refuse(exchange, REFUSALS.noWorker)
      const audience = audienceOf(exchange)
      if (audience === 'navigation' && reached.scope === 'session') {
        // A page that is shown must not see, in its own address, the key that opens other devices.
        const shared = place.prefix.slice(0, place.prefix.lastIndexOf('/'))
        return redirect(exchange, 307, `${shared}/${reached.owner.deviceKey(reached.channel.hwId)}${rest}`)
      }
      const visit = visits.of(reached.owner, reached.channel.hwId)
      if (isOwn(rest)) return serveOwn(exchange, rest, visit, deps.clock.now())
      new Relay(world, exchange, { tunnels: tunnelsOf(reached.channel), visit, place, target: rest, audience }).start()
    },

    upgrade(request, hwId, key, rest) {
      const reached = deps.access.reach(hwId, key)
      if ('status' in reached) return { status: reached.status, text: reached.text }
      const place = placeOf(request, rest, reached)
      if (!isTarget(rest) || !isHost(place.host)) return { status: 400, text: REFUSALS.badRequest.text }
      const visit = visits.of(reached.owner, reached.channel.hwId)
      return WebsocketBridge.upgrade(world, request, { tunnels: tunnelsOf(reached.channel), visit, place, target: rest })
    },

    attach: tunnelsOf,

    http: channelOf => new DeviceHttp(tunnelsOf, channelOf),

    stats: {
      get tunnels() { return fleet.live },
      get devices() { return fleet.devices },
      get bytesToDevices() { return fleet.sent },
      get bytesFromDevices() { return fleet.received },
    },
  }
}

function redirect(exchange: Exchange, status: 307 | 308, location: string): void {
  const origin = exchange.header('origin')
  exchange.respond(status, [['location', location], ...OWN_HEADERS, ...(origin === undefined ? [] : corsHeaders(origin))])
}
