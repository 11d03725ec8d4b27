/** Tabs of a page whose parts have addresses of their own: links, so that each can be bookmarked. */
export interface TabLink { readonly label: string, readonly href: string, readonly current: boolean }

export const TabLinks = ({ label, tabs }: { label: string, tabs: readonly TabLink[] }) => (
  <nav class="tabs" aria-label={label}>
    {tabs.map(tab => <a key={tab.href} href={tab.href} aria-current={tab.current ? true : undefined}>{tab.label}</a>)}
  </nav>
)
