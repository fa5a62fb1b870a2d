import { useState } from 'react'
import type { Template } from '../api/types'
import { Notice } from '../forms/Notice'
import page from '../forms/page.module.css'
import { useReturn } from '../forms/useReturn'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { DocumentForm } from './DocumentForm'
import { DocumentList } from './DocumentList'

export interface ExtractorDocumentsProps {
  /** Called with each document that was created or changed. */
  onSave?: (document: Template) => void
  /** Called with the id of each document that was deleted. */
  onDelete?: (id: string) => void
}

/** ExtractorDocuments lists the templates of documents, and creates, edits and deletes them. */
export function ExtractorDocuments({ onSave, onDelete }: ExtractorDocumentsProps) {
  const { t } = useText()
  const [edited, setEdited] = useState<Template | 'new' | null>(null)
  const [notice, setNotice] = useState('')
  const list = useReturn<HTMLElement>(edited === null || edited === 'new' ? edited : edited.id)

  if (edited !== null) {
    const saved = (document: Template) => {
      setNotice(t('documents.saved', { name: document.name }))
      setEdited(null)
      onSave?.(document)
    }
    return <DocumentForm document={edited === 'new' ? null : edited} onSaved={saved} onCancel={() => setEdited(null)} />
  }
  const deleted = (document: Template) => {
    setNotice(t('documents.deleted', { name: document.name }))
    onDelete?.(document.id)
  }
  return (
    <section ref={list} className={page.page} aria-label={t('documents.title')}>
      <div className={page.bar}>
        <h1>{t('documents.title')}</h1>
        <Button variant="primary" data-opens="new" onClick={() => setEdited('new')}>
          {t('documents.new')}
        </Button>
      </div>
      <p className={page.muted}>{t('documents.about')}</p>
      <Notice text={notice} />
      <DocumentList onEdit={setEdited} onDeleted={deleted} />
    </section>
  )
}
