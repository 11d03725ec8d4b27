/** A QR code as one SVG path, and what stands in it. Pure. */
import { encode } from 'uqr'

const BORDER = 2

/** Neighbouring squares of a row are one rectangle. */
export function qrPath(text: string): { readonly size: number, readonly path: string } {
  const { size, data } = encode(text, { ecc: 'M', border: BORDER })
  let path = ''
  data.forEach((row, y) => {
    for (let x = 0; x < size; x++) {
      if (!row[x]) continue
      const start = x
      while (row[x + 1]) x++
      path += `M${start} ${y}h${x - start + 1}v1h${start - x - 1}z`
    }
  })
  return { size, path }
}

/** What a camera reads: the digits first, so that they can be typed from there, and the address the device has to know. */
export const qrText = (code: string, url: string | undefined): string => url ? `${code}\n${url}` : code
