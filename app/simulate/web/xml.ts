/** The little XML a device answers with. */
export type XmlAttributes = Readonly<Record<string, string | number | undefined>>

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')

/** One element; attributes that are undefined are left out. `children` is XML. */
export function element(name: string, attributes: XmlAttributes = {}, children = ''): string {
  const list = Object.entries(attributes).map(([key, value]) => value === undefined ? '' : ` ${key}="${escape(String(value))}"`).join('')
  return children === '' ? `<${name}${list}/>` : `<${name}${list}>${children}</${name}>`
}

/** An element that holds text. */
export const textElement = (name: string, text: string): string => `<${name}>${escape(text)}</${name}>`
