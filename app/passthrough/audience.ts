/**
 * Who asks: it decides how much a device is trusted with, and what its answer may do.
 * `navigation`: a browser that will show the answer as a document. `page`: any other request of a browser.
 * `program`: curl, a script, another service.
 */
export type Audience = 'navigation' | 'page' | 'program'

interface Headed { header(name: string): string | undefined }

/** Destinations whose answer becomes a document with scripts of its own. */
const DOCUMENTS = new Set(['document', 'iframe', 'frame', 'fencedframe', 'embed', 'object'])

/**
 * Browsers send Sec-Fetch-* only where the page came over https or from this computer, so without them the older marks count.
 * A page cannot hide: what a script may send across origins carries `Origin`, and what carries none cannot change its headers.
 */
export function audienceOf(request: Headed): Audience {
  const destination = request.header('sec-fetch-dest')
  if (destination !== undefined) return DOCUMENTS.has(destination) || request.header('sec-fetch-mode') === 'navigate' ? 'navigation' : 'page'
  const browser = request.header('origin') !== undefined || request.header('sec-fetch-site') !== undefined || request.header('user-agent')?.includes('Mozilla/')
  if (!browser) return 'program'
  return request.header('upgrade-insecure-requests') === '1' || request.header('accept')?.startsWith('text/html') ? 'navigation' : 'page'
}

/** True for the script of a service worker: one would see every later request of its scope. */
export const asksForServiceWorker = (request: Headed): boolean =>
  request.header('service-worker') !== undefined || request.header('sec-fetch-dest') === 'serviceworker'
