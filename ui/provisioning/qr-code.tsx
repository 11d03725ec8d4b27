/** A QR code as one SVG path: neighbouring squares of a row are one rectangle. */
import { encode } from 'uqr'
import { useMemo } from 'preact/hooks'

const BORDER = 2

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

export const QrCode = ({ text, label }: { readonly text: string, readonly label: string }) => {
  const { size, path } = useMemo(() => qrPath(text), [text])
  return <svg class="qr" viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges" role="img" aria-label={label}><path d={path} /></svg>
}

/** What a camera reads: the digits first, so that they can be typed from there, and the address the device has to know. */
export const qrText = (code: string, url: string | undefined): string => url ? `${code}\n${url}` : code
