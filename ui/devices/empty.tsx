/** Instead of rows: why there are none, and what to do next. */
import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from '../parts/icons.tsx'
import { search, TokenChip } from '../search/search-box.tsx'
import { tokensOf } from '../search/tokens.ts'
import { NO_FILTER, type Filter } from '../route/route.ts'
import { t } from '../text/text.ts'

export const Empty = ({ icon, title, children, actions }: { icon: IconName, title: string, children?: ComponentChildren, actions?: ComponentChildren }) => (
  <div class="empty"><Icon name={icon} size="xl" /><h2>{title}</h2><p>{children}</p>{actions && <div class="btns">{actions}</div>}</div>
)

export const NoMatch = ({ filter }: { filter: Filter }) => (
  <Empty icon="search" title={t('empty.noMatch')} actions={
    <>
      {tokensOf(filter).map(token => <TokenChip key={`${token.label}:${token.value}`} token={token} onRemove={() => search(token.without)} />)}
      <button type="button" class="btn" onClick={() => search(NO_FILTER)}>{t('empty.showAll')}</button>
    </>
  }>{filter.words ? t('empty.noMatchWords', filter.words) : t('empty.noMatchTokens')}</Empty>
)
