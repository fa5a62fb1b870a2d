import page from '../forms/page.module.css'
import { useDeferredValue, useState } from 'react'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { ConfirmDialog } from '../forms/ConfirmDialog'
import { TextField } from '../forms/TextField'
import { ErrorNotice, Loading } from '../ui/States'
import type { Template } from '../api/types'
import { IconButton } from '../forms/IconButton'
import { useDeleteDocument, useDocumentPages } from './useDocuments'

interface Props {
  onEdit: (document: Template) => void
  onDeleted: (document: Template) => void
}

export function DocumentList({ onEdit, onDeleted }: Props) {
  const { t } = useText()
  const [search, setSearch] = useState('')
  const [doomed, setDoomed] = useState<Template | null>(null)
  const list = useDocumentPages(useDeferredValue(search))
  const remove = useDeleteDocument()
  const pages = useDeferredValue(list.data?.pages) // drawn in slices, so that the page answers meanwhile
  const documents = pages?.flatMap((page) => page.items) ?? []

  const confirm = (document: Template) =>
    remove.mutate(document.id, {
      onSuccess: () => {
        setDoomed(null)
        onDeleted(document)
      },
    })
  const cancel = () => {
    remove.reset() // why it failed is not said of the next one
    setDoomed(null)
  }
  return (
    <>
      <TextField label={t('documents.search')} type="search" value={search} onChange={setSearch} />
      {!pages && !list.error && <Loading />}
      {list.error && <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />}
      {pages && documents.length === 0 && <p className={page.muted}>{t(search === '' ? 'documents.empty' : 'documents.none')}</p>}
      <ul className={page.list}>
        {documents.map((document) => (
          <li key={document.id} className={page.item}>
            <div className={page.text}>
              <h2 className={page.title} dir="auto">
                {document.name}
              </h2>
              <p className={page.about} dir="auto">
                {document.description}
              </p>
              <p className={page.muted}>{t('documents.fields', { count: document.fields.length })}</p>
            </div>
            <div className={page.icons}>
              <IconButton icon="edit" label={t('documents.edit', { name: document.name })} data-opens={document.id} onClick={() => onEdit(document)} />
              <IconButton icon="delete" label={t('documents.delete', { name: document.name })} onClick={() => setDoomed(document)} />
            </div>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>
          {t('documents.more')}
        </Button>
      )}
      {doomed && (
        <ConfirmDialog
          title={t('documents.deleteTitle')}
          confirm={t('delete')}
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => confirm(doomed)}
          onCancel={cancel}
        >
          {t('documents.deleteText', { name: doomed.name })}
        </ConfirmDialog>
      )}
    </>
  )
}
