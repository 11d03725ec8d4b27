/** The route of the moment, kept in step with the browser's history. */
import { Cell } from '../state/cell.ts'
import { readRoute, START, writeRoute, type ListRoute, type Route } from './route.ts'

export const route = new Cell<Route>(START)
/** The list as it was left: where a device page leads back to. */
export const lastList = new Cell<ListRoute>(START)

const hashOf = (value: Route): string => `#${writeRoute(value).toString()}`
export const linkTo = hashOf

const show = (value: Route): void => {
  if (value.view === 'devices') lastList.set(value)
  route.set(value)
}

/** A step the back button undoes. */
export function go(value: Route): void {
  if (hashOf(value) === hashOf(route.value)) return
  history.pushState(null, '', hashOf(value))
  show(value)
}

/** A refinement of the same view (typing, selecting): the back button leads before it. */
export function refine(value: Route): void {
  if (hashOf(value) !== hashOf(route.value)) history.replaceState(null, '', hashOf(value))
  show(value)
}

/** @param args deep link of the start arguments; the hash wins, because a reload keeps both */
export function startNavigation(args: URLSearchParams): void {
  const read = (): Route => readRoute(new URLSearchParams(location.hash.slice(1)))
  if (location.hash.length > 1) show(read())
  else {
    const first = readRoute(args)
    history.replaceState(null, '', hashOf(first))
    show(first)
  }
  addEventListener('popstate', () => show(read()))
  // A link with a hash in the page itself, or an address typed by hand.
  addEventListener('hashchange', () => { if (location.hash !== hashOf(route.value)) show(read()) })
}
