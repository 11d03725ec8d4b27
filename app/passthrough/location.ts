/** Addresses in answers of a device, kept under the passthrough prefix (wire-protocols 4.2). */
export interface Place {
  /** Outer path up to and with the key, without trailing slash. */
  readonly prefix: string
  /** The `Host` of the outer request, with port. */
  readonly host: string
  /** Addresses of the device itself. Asked only for an address that names another host. */
  addresses(): readonly string[]
}

const absolute = /^(?:https?:)?\/\/([^/?#\\]*)(.*)$/is

/** An address of the device as the browser has to see it. Relative ones and those of others stay as they are. */
export function inside(address: string, place: Place): string {
  const found = absolute.exec(address)
  if (found) {
    const authority = (found[1] as string).toLowerCase().replace(/^.*@/, '')
    if (!isOwn(authority, place)) return address
    const path = found[2] as string
    return under(path.startsWith('/') ? path : `/${path}`, place.prefix)
  }
  return address.startsWith('/') ? under(address, place.prefix) : address
}

const under = (path: string, prefix: string): string => path === prefix || path.startsWith(`${prefix}/`) ? path : prefix + path

const bare = (authority: string): string => authority.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')

function isOwn(authority: string, place: Place): boolean {
  if (authority === place.host.toLowerCase()) return true
  const defaultPort = /:(80|443)?$/
  if (authority.replace(defaultPort, '') === place.host.toLowerCase().replace(defaultPort, '')) return true
  const name = bare(authority)
  return place.addresses().some(address => address.toLowerCase() === name)
}

/** A `Refresh` header: seconds, then perhaps an address. */
export function refreshInside(value: string, place: Place): string {
  const found = /^(\s*[\d.]*\s*[;,]\s*(?:url\s*=\s*)?)(["']?)(.*?)\2\s*$/i.exec(value)
  return found ? `${found[1]}${found[2]}${inside(found[3] as string, place)}${found[2]}` : value
}

/** The `Referer` for the device: its own address without the prefix, or undefined when it came from elsewhere (it would carry the key). */
export function refererFor(value: string, place: Place): string | undefined {
  const found = absolute.exec(value)
  const path = found?.[2]
  if (!found || path === undefined || !isOwn((found[1] as string).toLowerCase(), { ...place, addresses: () => [] })) return undefined
  return path.startsWith(`${place.prefix}/`) ? `http://${place.host}${path.slice(place.prefix.length)}` : undefined
}
