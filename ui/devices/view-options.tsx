/** Which columns, how dense: kept per user. */
import { COLUMNS, isShown, NO_CHOICE, type ColumnChoice } from '../grid/columns.ts'
import { gridWidth } from '../grid/device-grid.tsx'
import { Icon } from '../parts/icons.tsx'
import { MenuButton } from '../parts/menu.tsx'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'

export const DENSITIES = ['compact', 'normal', 'wide'] as const
export type Density = typeof DENSITIES[number]
export const readDensity = (text: string | undefined): Density => DENSITIES.find(density => density === text) ?? 'normal'
/** Row heights in pixels, as in the style tokens. */
export const ROW_HEIGHTS: Record<Density, number> = { compact: 28, normal: 32, wide: 44 }
export const NARROW_ROW = 56

interface Props { readonly choice: ColumnChoice, readonly density: Density, onChoice(choice: ColumnChoice): void, onDensity(density: Density): void }

export const ViewOptions = ({ choice, density, onChoice, onDensity }: Props) => {
  const width = useCell(gridWidth)
  return <MenuButton class="btn ghost only-wide" label={t('columns.button')} items={[
    ...COLUMNS.filter(column => column.id !== 'name').map(column => ({
      label: t(column.label), kind: 'checkbox' as const, stays: true, checked: isShown(column, choice, width),
      run: () => onChoice({ ...choice, shown: { ...choice.shown, [column.id]: !isShown(column, choice, width) } }),
    })),
    ...DENSITIES.map((one, at) => ({ label: t(`density.${one}`), kind: 'radio' as const, stays: true, checked: one === density, apart: at === 0, run: () => onDensity(one) })),
    {
      label: t('columns.reset'), apart: true, run: () => {
        onChoice(NO_CHOICE)
        onDensity('normal')
      },
    },
  ]}><Icon name="columns" />{t('columns.button')}</MenuButton>
}
