/** Where the pages of devices are, seen from other apps (wire-protocols 3.10, 4.1). */

/**
 * The http(s) form of the start URL: consumers cut it at `/devices/passthrough/`, so the build in it is taken out (6.1: the component
 * before the file name of this page).
 * @param websocket start URL of this app, without its last component  @param page address of this page
 */
export function passthroughBase(websocket: string, page: string): string {
  const base = new URL(websocket.replace(/^ws/, 'http'))
  const build = new URL(page).pathname.split('/').at(-2)
  const parts = base.pathname.split('/').filter(Boolean)
  if (build !== undefined && /^[0-9a-f]+$/i.test(build) && parts.at(-1) === build) parts.pop()
  return `${base.origin}/${[...parts, 'passthrough', ''].join('/')}`
}

/** The base address of one device: its pages are below. */
export const deviceUri = (base: string, hwId: string, key: string): string => `${base}${encodeURIComponent(hwId)}/${key}/`
