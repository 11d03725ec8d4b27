/** Where the service is, seen from the page (wire-protocols 6.3: the page's address without its last component, as websocket). */

/** @param page address of the page  @param given `url` argument of the client; used only when it is on the same host, everything else is refused */
export function websocketUrl(page: string, given: string | null): string {
  const here = new URL(page)
  let base = here
  if (given !== null && URL.canParse(given, page)) {
    const other = new URL(given.replace(/^ws/, 'http'), page)
    if (other.host === here.host) base = other
  }
  return base.origin.replace(/^http/, 'ws') + base.pathname.slice(0, base.pathname.lastIndexOf('/'))
}

/** Address of the instance: every page is a file of a build below it. Without a slash at its end. */
export const instanceUrl = (page: string): string => new URL('..', page).href.replace(/\/$/, '')

/** Name of the app: the page's file name without its ending (wire-protocols 5.4: last component of the App URL). */
export const appName = (page: string): string => new URL(page).pathname.split('/').at(-1)?.replace(/\.html?$/, '') || 'innovaphone-devices'
