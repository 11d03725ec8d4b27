/** The end of a long list: more is shown when it comes into sight, or at a press. */
import { useEffect, useRef } from 'preact/hooks'
import { formatNumber } from '../text/text.ts'

/** @param rest how many are not shown yet */
export const ScrollEnd = ({ label, rest, onMore }: { readonly label: string, readonly rest: number, onMore(): void }) => {
  const end = useRef<HTMLDivElement>(null)
  const more = useRef(onMore)
  more.current = onMore
  useEffect(() => {
    const element = end.current
    if (!element) return
    const observer = new IntersectionObserver(entries => { if (entries.some(entry => entry.isIntersecting)) more.current() }, { rootMargin: '400px' })
    observer.observe(element)
    return () => observer.disconnect()
  }, [rest])
  return <div ref={end} class="scroll-end"><button type="button" class="btn small ghost" onClick={onMore}>{label} ({formatNumber(rest)})</button></div>
}
