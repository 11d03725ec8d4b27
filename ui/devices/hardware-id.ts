/** Hardware ids as people write them: a MAC in any notation, or the name of a device of another maker (wire-protocols 2.5). */

/** @returns twelve lower-case digits for a MAC, the trimmed text for another id, undefined for neither */
export function readHardwareId(text: string): string | undefined {
  const trimmed = text.trim()
  if (/^[0-9a-f:.\-\s]+$/i.test(trimmed)) {
    const digits = trimmed.replace(/[^0-9a-f]/gi, '').toLowerCase()
    return digits.length === 12 ? digits : undefined
  }
  return /^[\w.-]{1,64}$/.test(trimmed) ? trimmed : undefined
}
