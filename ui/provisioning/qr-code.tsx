/** A QR code. */
import { useMemo } from 'preact/hooks'
import { qrPath } from './qr.ts'

export const QrCode = ({ text, label }: { readonly text: string, readonly label: string }) => {
  const { size, path } = useMemo(() => qrPath(text), [text])
  return <svg class="qr" viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges" role="img" aria-label={label}><path d={path} /></svg>
}
