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
  sysclient_displaced: 'Device connections replaced by a newer one of the same device',
  provisioning_devices: 'Devices and interfaces provisioned by a code or a token',
  provisioning_refused: 'Provisioning codes, tokens and interfaces refused',
  init_requests: 'Polls of the update URL for factory-new devices',
  app_connections: 'App connections accepted',
  app_logins: 'App logins',
  app_logins_failed: 'App logins refused',
  app_bad_messages: 'Messages from apps that could not be read',
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
  readonly #counts = new Map<CounterName, number>(Object.keys(COUNTERS).map(name => [name as CounterName, 0]))
  readonly #gauges: Gauge[] = []

  count(name: CounterName, n = 1): void { this.#counts.set(name, (this.#counts.get(name) ?? 0) + n) }
  value(name: CounterName): number { return this.#counts.get(name) ?? 0 }
  gauge(name: string, help: string, read: () => number): void { this.#gauges.push({ name, help, read }) }

  /** Prometheus text format 0.0.4. */
  text(): string {
    const lines: string[] = []
    for (const [name, value] of this.#counts) lines.push(`# HELP devices_${name}_total ${COUNTERS[name]}`, `# TYPE devices_${name}_total counter`, `devices_${name}_total ${value}`)
    for (const { name, help, read } of this.#gauges) lines.push(`# HELP devices_${name} ${help}`, `# TYPE devices_${name} gauge`, `devices_${name} ${read()}`)
    return lines.join('\n') + '\n'
  }
}
