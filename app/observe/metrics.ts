/** Counters and gauges, printed as Prometheus text. Names are declared here, so that none appears by accident. */
export const COUNTERS = {
  sysclient_connections: 'Device connections accepted',
  sysclient_authenticated: 'Devices that proved their password',
  sysclient_challenges: 'Challenges sent to devices',
  sysclient_wrong_digest: 'Devices that answered a challenge wrongly',
  sysclient_silent: 'Devices that did not answer a challenge',
  sysclient_passwords_sent: 'Device passwords handed out',
  sysclient_admin_passwords_sent: 'Administrative passwords deployed',
  sysclient_bad_frames: 'Frames from devices that could not be read',
  sysclient_refused: 'Device connections closed for breaking a rule or a bound',
  sysclient_deferred: 'Device connections put off because very many arrived at once',
  sysclient_displaced: 'Device connections replaced by a newer one of the same device',
  provisioning_devices: 'Devices and interfaces provisioned by a code or a token',
  provisioning_refused: 'Provisioning codes, tokens and interfaces refused',
  init_requests: 'Polls of the update URL for factory-new devices',
  app_connections: 'App connections accepted',
  app_logins: 'App logins',
  app_logins_failed: 'App logins refused',
  app_bad_messages: 'Messages from apps that could not be read',
  app_messages_too_long: 'Messages to apps that were too long to be sent',
  app_refused: 'App connections closed for breaking a rule or a bound',
  tunnels_opened: 'Tunnel sessions opened',
  tunnel_errors: 'Tunnel sessions that ended with an error',
  tunnel_bytes_to_devices: 'Bytes sent into devices',
  tunnel_bytes_from_devices: 'Bytes received from devices',
  http_requests: 'HTTP requests',
  host_refused: 'Connections and requests refused by a bound of the listener',
  store_commits_failed: 'Transactions that could not be written',
} as const
export type CounterName = keyof typeof COUNTERS

export interface Gauge { readonly name: string, readonly help: string, readonly read: () => number }

export class Metrics {
  readonly #counts: Map<CounterName, number>
  readonly #gauges: Gauge[] = []

  /** `counting`: false for gauges alone. */
  constructor(counting = true) {
    this.#counts = new Map(counting ? Object.keys(COUNTERS).map(name => [name as CounterName, 0]) : [])
  }

  count(name: CounterName, n = 1): void { this.#counts.set(name, (this.#counts.get(name) ?? 0) + n) }
  value(name: CounterName): number { return this.#counts.get(name) ?? 0 }
  gauge(name: string, help: string, read: () => number): void { this.#gauges.push({ name, help, read }) }

  /** Memory and CPU time of the process. */
  ofProcess(): this {
    this.gauge('process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss())
    this.gauge('process_cpu_seconds', 'CPU time used', () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6)
    return this
  }

  samples(): Sample[] {
    return [
      ...[...this.#counts].map(([name, value]) => ({ name: `devices_${name}_total`, help: COUNTERS[name], type: 'counter' as const, value })),
      ...this.#gauges.map(({ name, help, read }) => ({ name: `devices_${name}`, help, type: 'gauge' as const, value: read() })),
    ]
  }
}

interface Sample { readonly name: string, readonly help: string, readonly type: 'counter' | 'gauge', readonly value: number }

const quoted = (text: string): string => JSON.stringify(text.replace(/[\u0000-\u001f]/g, ' '))

/** Prometheus text format 0.0.4; instances of one process are told apart by a label. */
export function metricsText(all: readonly { readonly metrics: Metrics, readonly instance?: string }[]): string {
  const lines = new Map<string, string[]>()
  for (const { metrics, instance } of all) {
    for (const { name, help, type, value } of metrics.samples()) {
      const known = lines.get(name) ?? [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]
      known.push(`${name}${instance === undefined ? '' : `{instance=${quoted(instance)}}`} ${value}`)
      lines.set(name, known)
    }
  }
  return `${[...lines.values()].flat().join('\n')}\n`
}
