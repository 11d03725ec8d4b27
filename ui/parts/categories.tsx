/** Categories as chips: the provisioning category by its edge, standard ones plain. Names as the domain has them now. */
import { domains } from '../session/session.ts'
import { t } from '../text/text.ts'
import type { Category, Device } from '../../app/protocol/types.ts'

/** The name of a category now; a device object may have come before it was renamed. */
const nameNow = (device: Device, category: Category): string =>
  domains.value.find(domain => domain.id === device.domainId)?.categories.find(one => one.id === category.id)?.name ?? category.name

export interface DeviceCategory { readonly id: number, readonly name: string, readonly config: boolean }
/** The provisioning category first. */
export const categoriesOf = (device: Device): DeviceCategory[] => [
  ...(device.provisioningCategory ? [{ id: device.provisioningCategory.id, name: nameNow(device, device.provisioningCategory), config: true }] : []),
  ...(device.categories ?? []).map(category => ({ id: category.id, name: nameNow(device, category), config: false })),
]

export const CategoryChip = ({ name, config, href }: { name: string, config: boolean, href?: string }) => {
  const look = `chip${config ? ' prov' : ''}`
  const title = config ? `${t('device.provisionedAs')}: ${name}` : undefined
  return href === undefined ? <span class={look} title={title}>{name}</span> : <a class={look} href={href} title={t('category.show', name)}>{name}</a>
}
