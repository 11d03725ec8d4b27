/** Makes elements. Texts only ever become text nodes or attributes: what the PBX says is never markup. */
import { textIn } from './text/catalogue.ts'
import type { TextId } from './text/en.ts'

/** A value of a text; a function where it has a language itself. */
export type Value = string | (() => string)
interface Said { readonly id: TextId, readonly values: readonly Value[] }

let language = 'en'
/** What was said where: `''` is the text of the element, everything else an attribute. */
const said = new WeakMap<Element, Map<string, Said>>()

export const t = (id: TextId, ...values: readonly Value[]): string => textIn(language, id, values.map(value => typeof value === 'string' ? value : value()))

function put(element: Element, place: string, { id, values }: Said): void {
  const words = t(id, ...values)
  if (place === '') {
    if (element.textContent !== words) element.textContent = words
  } else {
    element.setAttribute(place, words)
  }
}

/** Says a text in an element, or in an attribute of it; says it again when the language changes. */
export function say<E extends Element>(element: E, id: TextId, values: readonly Value[] = [], place = ''): E {
  const places = said.get(element) ?? new Map<string, Said>()
  said.set(element, places.set(place, { id, values }))
  put(element, place, { id, values })
  return element
}

/** Takes back what was said in an element. */
export function unsay(element: Element): void {
  said.get(element)?.delete('')
  element.textContent = ''
}

/** Everything below `root` in another language. */
export function speak(root: Element, to: string): void {
  language = to
  for (const element of [root, ...root.querySelectorAll('*')]) for (const [place, one] of said.get(element) ?? []) put(element, place, one)
}

export type Child = Node | string
/** @param attributes `class` and others; a boolean sets or leaves out an attribute */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Readonly<Record<string, string | boolean>> = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) if (value !== false) element.setAttribute(name, value === true ? '' : value)
  element.append(...children)
  return element
}

/** An element that says a text. */
export const saying = <K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Readonly<Record<string, string | boolean>>, id: TextId, ...values: readonly Value[]): HTMLElementTagNameMap[K] =>
  say(make(tag, attributes), id, values)

export function button(kind: 'plain' | 'primary' | 'danger', id: TextId, run: () => void, ...values: readonly Value[]): HTMLButtonElement {
  const made = saying('button', { type: 'button', class: `idm-button idm-${kind}` }, id, ...values)
  made.addEventListener('click', () => { if (made.getAttribute('aria-disabled') !== 'true') run() })
  return made
}

let numbers = 0
/** An id for labels and descriptions. */
export const freshId = (): string => `innovaphone-devicesmanager-${++numbers}`

/** 20 px box, 1.5 px stroke. */
const SHAPES = {
  ok: ['M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6z', 'm6.8 10.2 2.2 2.3 4.2-4.8'],
  off: ['M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6z', 'M7 10h6'],
  wrong: ['M6.7 2.8h6.6l3.9 3.9v6.6l-3.9 3.9H6.7l-3.9-3.9V6.7z', 'm7.3 7.3 5.4 5.4M12.7 7.3l-5.4 5.4'],
  unknown: ['M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6z', 'M8 8a2 2 0 1 1 2.6 1.9c-.4.2-.6.5-.6.9v.4M10 13.6h.01'],
  run: ['M10 3.2A6.8 6.8 0 1 1 3.2 10'],
} as const
export type IconName = keyof typeof SHAPES

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 20 20')
  svg.setAttribute('class', `idm-icon idm-icon-${name}`)
  svg.setAttribute('aria-hidden', 'true')
  for (const d of SHAPES[name]) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
    path.setAttribute('d', d)
    svg.append(path)
  }
  return svg
}
