import { IconButton } from '../forms/IconButton'
import page from '../forms/page.module.css'
import { useState } from 'react'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { Badge } from '../ui/StatusBadge'
import { ErrorNotice, QueryState } from '../ui/States'
import { DeleteDialog } from './DeleteDialog'
import { KeyForm } from './KeyForm'
import { OnceDialog } from './OnceDialog'
import { type APIKey, useDeleteKey, useKeys, useSaveKey } from './useKeys'

export function KeysTab() {
  const { t } = useText()
  const keys = useKeys()
  const save = useSaveKey()
  const remove = useDeleteKey()
  const [edited, setEdited] = useState<APIKey | 'new' | null>(null)
  const [created, setCreated] = useState<APIKey | null>(null)
  const [doomed, setDoomed] = useState<APIKey | null>(null)
  const saved = (key: APIKey) => {
    if (edited === 'new') setCreated(key)
    setEdited(null)
  }
  return (
    <>
      <p className={page.muted}>{t('keys.about')}</p>
      <Button variant="primary" onClick={() => setEdited('new')}>
        {t('keys.new')}
      </Button>
      <QueryState of={keys} />
      {save.error && <ErrorNotice error={save.error} />}
      {keys.data?.length === 0 && <p className={page.muted}>{t('keys.empty')}</p>}
      <ul className={page.list}>
        {keys.data?.map((key) => (
          <KeyItem
            key={key.id}
            item={key}
            onEdit={() => setEdited(key)}
            onDelete={() => setDoomed(key)}
            onSwitch={() => save.mutate({ id: key.id, body: { isActive: !key.isActive } })}
          />
        ))}
      </ul>
      {edited && <KeyForm item={edited === 'new' ? null : edited} onSaved={saved} onCancel={() => setEdited(null)} />}
      {created && <OnceDialog title={t('keys.onceTitle')} text={t('keys.once')} secret={created.key} onClose={() => setCreated(null)} />}
      {doomed && (
        <DeleteDialog id={doomed.id} name={doomed.name} remove={remove} onDeleted={() => setDoomed(null)} onCancel={() => setDoomed(null)}>
          {t('keys.deleteText')}
        </DeleteDialog>
      )}
    </>
  )
}

interface ItemProps {
  item: APIKey
  onEdit: () => void
  onDelete: () => void
  onSwitch: () => void
}

function KeyItem({ item, onEdit, onDelete, onSwitch }: ItemProps) {
  const { t, date } = useText()
  const at = (value: string | null) => (value === null ? t('settings.never') : date(value))
  return (
    <li className={page.item}>
      <div className={page.text}>
        <h2 className={page.title} dir="auto">
          {item.name}
        </h2>
        <p>
          <code dir="ltr">{item.key}</code>{' '}
          <Badge tone={item.isActive ? 'success' : 'neutral'}>{t(item.isActive ? 'settings.active' : 'settings.inactive')}</Badge>
        </p>
        <p className={page.muted}>
          {t('keys.expiry', { time: at(item.expiresAt) })} · {t('keys.used', { count: item.usageCount, time: at(item.lastUsedAt) })}
        </p>
        <p className={page.muted} dir="auto">
          {item.allowedDomains.length === 0 ? t('keys.anyDomain') : item.allowedDomains.join(', ')}
        </p>
      </div>
      <div className={page.icons}>
        <IconButton icon="edit" label={t('settings.edit', { name: item.name })} onClick={onEdit} />
        <IconButton
          icon={item.isActive ? 'off' : 'on'}
          label={t(item.isActive ? 'settings.switchOff' : 'settings.switchOn', { name: item.name })}
          onClick={onSwitch}
        />
        <IconButton icon="delete" label={t('settings.deleteItem', { name: item.name })} onClick={onDelete} />
      </div>
    </li>
  )
}
