/** Answers about categories. */
import type { Categories } from '../categories/categories.ts'
import type { Requests } from '../protocol/service-api.ts'
import type { HandlersOf } from './handler.ts'

export interface CategoryHandlerDeps { readonly categories: Categories }
export type CategoryRequests = Pick<Requests, 'AddCategory' | 'EditCategory' | 'DeleteCategory' | 'GetCategoryUse'>

export const categoryHandlers = ({ categories }: CategoryHandlerDeps): HandlersOf<CategoryRequests> => ({
  AddCategory: async (params, { session }) => ({ id: await categories.add(session.viewer, params) }),
  EditCategory: async (params, { session }) => {
    await categories.rename(session.viewer, params)
    return {}
  },
  DeleteCategory: async (params, { session }) => {
    await categories.remove(session.viewer, params)
    return {}
  },
  GetCategoryUse: (params, { session }) => ({ use: categories.use(session.viewer, params.id) }),
})
