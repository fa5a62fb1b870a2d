const en = {
  uploadTitle: 'Upload documents', uploadDrop: 'Drop files here, paste them, or', uploadPick: 'Choose files', uploadPhoto: 'Take a photo', uploadHint: 'PDF, JPEG, PNG or WebP, at most 10 MB each',
  uploadSending: 'Uploading {name}', uploadTooLarge: 'This file is larger than 10 MB.', uploadEmpty: 'This file is empty.', uploadRemove: 'Remove {name}', uploadFiles: 'Files', uploadShow: 'Show result of {name}', uploadResult: 'Result', uploadProgress: 'Progress of {name}', uploadFolder: 'A folder can’t be uploaded. Drop the files that it holds.', uploadType: 'This type of file can’t be read. Use PDF, JPEG, PNG or WebP.',
}
type Upload = Record<keyof typeof en, string>
const de: Upload = {
  uploadTitle: 'Dokumente hochladen', uploadDrop: 'Dateien hier ablegen, einfügen oder', uploadPick: 'Dateien auswählen', uploadPhoto: 'Foto aufnehmen', uploadHint: 'PDF, JPEG, PNG oder WebP, je höchstens 10 MB',
  uploadSending: '{name} wird hochgeladen', uploadTooLarge: 'Diese Datei ist größer als 10 MB.', uploadEmpty: 'Diese Datei ist leer.', uploadRemove: '{name} entfernen', uploadFiles: 'Dateien', uploadShow: 'Ergebnis von {name} zeigen', uploadResult: 'Ergebnis', uploadProgress: 'Fortschritt von {name}', uploadFolder: 'Ein Ordner lässt sich nicht hochladen. Legen Sie die Dateien daraus ab.', uploadType: 'Diese Art von Datei ist nicht lesbar. Nehmen Sie PDF, JPEG, PNG oder WebP.',
}
const fr: Upload = {
  uploadTitle: 'Envoyer des documents', uploadDrop: 'Déposez ou collez des fichiers ici, ou', uploadPick: 'Choisir des fichiers', uploadPhoto: 'Prendre une photo', uploadHint: 'PDF, JPEG, PNG ou WebP, 10 Mo au plus chacun',
  uploadSending: 'Envoi de {name}', uploadTooLarge: 'Ce fichier dépasse 10 Mo.', uploadEmpty: 'Ce fichier est vide.', uploadRemove: 'Retirer {name}', uploadFiles: 'Fichiers', uploadShow: 'Afficher le résultat de {name}', uploadResult: 'Résultat', uploadProgress: 'Progression de {name}', uploadFolder: 'Un dossier ne peut pas être envoyé. Déposez les fichiers qu’il contient.', uploadType: 'Ce type de fichier n’est pas lisible. Utilisez PDF, JPEG, PNG ou WebP.',
}
const es: Upload = {
  uploadTitle: 'Subir documentos', uploadDrop: 'Suelte o pegue archivos aquí, o', uploadPick: 'Elegir archivos', uploadPhoto: 'Tomar una foto', uploadHint: 'PDF, JPEG, PNG o WebP, 10 MB como máximo cada uno',
  uploadSending: 'Subiendo {name}', uploadTooLarge: 'Este archivo supera los 10 MB.', uploadEmpty: 'Este archivo está vacío.', uploadRemove: 'Quitar {name}', uploadFiles: 'Archivos', uploadShow: 'Ver el resultado de {name}', uploadResult: 'Resultado', uploadProgress: 'Progreso de {name}', uploadFolder: 'Una carpeta no se puede subir. Suelte los archivos que contiene.', uploadType: 'Este tipo de archivo no se puede leer. Use PDF, JPEG, PNG o WebP.',
}
export const upload = { en, de, fr, es }
