import { useState } from 'react'
import { useDocumentPages } from '../documents/useDocuments'
import { moved } from '../documents/draft'
import { CheckField } from '../forms/CheckField'
import { FormDialog } from '../forms/FormDialog'
import { IconButton } from '../forms/IconButton'
import page from '../forms/page.module.css'
import { SelectField } from '../forms/SelectField'
import { TextField } from '../forms/TextField'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { ErrorNotice } from '../ui/States'
import styles from './settings.module.css'
import { type Mailbox, type MailRule, useChangeMailbox } from './useMail'

/** RulesForm edits the rules of a watched folder, the first of which that matches decides. */
export function RulesForm({ mailbox, onDone }: { mailbox: Mailbox; onDone: () => void }) {
  const { t } = useText()
  const save = useChangeMailbox()
  const [rules, setRules] = useState<MailRule[]>(mailbox.rules)
  const put = (i: number, rule: MailRule) => setRules(rules.map((other, at) => (at === i ? rule : other)))
  return (
    <FormDialog
      title={t('microsoft.rules')}
      busy={save.isPending}
      onSubmit={() => save.mutate({ id: mailbox.id, body: { rules } }, { onSuccess: onDone })}
      onCancel={onDone}
    >
      <p className={page.muted}>{t('microsoft.rulesText')}</p>
      {rules.map((rule, i) => (
        <fieldset key={i} className={styles.rule}>
          <legend dir="auto">{rule.name || t('microsoft.rule', { number: i + 1 })}</legend>
          <div className={page.icons}>
            <IconButton
              icon="up"
              label={t('documents.up', { key: rule.name })}
              disabled={i === 0}
              onClick={() => setRules(moved(rules, i, i - 1))}
            />
            <IconButton
              icon="delete"
              label={t('documents.remove', { key: rule.name })}
              onClick={() => setRules(rules.filter((_, at) => at !== i))}
            />
          </div>
          <RuleInputs rule={rule} onChange={(changed) => put(i, changed)} />
        </fieldset>
      ))}
      <div>
        <Button onClick={() => setRules([...rules, { name: '' }])}>{t('microsoft.addRule')}</Button>
      </div>
      {save.error && <ErrorNotice error={save.error} />}
    </FormDialog>
  )
}

function RuleInputs({ rule, onChange }: { rule: MailRule; onChange: (rule: MailRule) => void }) {
  const { t } = useText()
  const documents = useDocumentPages('').data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <TextField label={t('name')} value={rule.name} onChange={(name) => onChange({ ...rule, name })} />
      {(['sender', 'subject', 'fileName'] as const).map((input) => (
        <TextField
          key={input}
          label={t(`microsoft.${input}`)}
          value={rule[input] ?? ''}
          onChange={(value) => onChange({ ...rule, [input]: value })}
        />
      ))}
      <SelectField
        label={t('microsoft.template')}
        value={rule.documentId ?? ''}
        options={[{ value: '', label: t('microsoft.anyTemplate') }, ...documents.map(({ id, name }) => ({ value: id, label: name }))]}
        onChange={(documentId) => onChange({ ...rule, documentId })}
      />
      <CheckField label={t('microsoft.ignore')} checked={rule.ignore ?? false} onChange={(ignore) => onChange({ ...rule, ignore })} />
    </>
  )
}
