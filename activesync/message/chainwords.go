package message

// introField is what a line of a header that is quoted in a text says.
type introField uint8

const (
	noField introField = iota
	fromField
	toField
	ccField
	dateField
	subjectField
)

// fieldNames are the names that mail programs write before an earlier message,
// in the languages they are met in, in lower case.
var fieldNames = map[string]introField{
	"from": fromField, "von": fromField, "de": fromField, "da": fromField, "van": fromField, "från": fromField, "fra": fromField,
	"lähettäjä": fromField, "od": fromField, "от": fromField, "від": fromField, "发件人": fromField, "寄件者": fromField, "寄件人": fromField,
	"差出人": fromField, "送信者": fromField, "보낸 사람": fromField, "보낸사람": fromField, "feladó": fromField, "kimden": fromField, "gönderen": fromField,
	"από": fromField, "de la": fromField, "expéditeur": fromField, "remitente": fromField, "mittente": fromField, "absender": fromField,
	"afzender": fromField, "nadawca": fromField, "отправитель": fromField, "מאת": fromField, "من": fromField, "từ": fromField, "dari": fromField,
	"nuo": fromField, "pošiljatelj": fromField, "saatja": fromField,

	"to": toField, "an": toField, "à": toField, "a": toField, "para": toField, "aan": toField, "till": toField, "til": toField,
	"vastaanottaja": toField, "do": toField, "komu": toField, "кому": toField, "收件人": toField, "收件者": toField, "宛先": toField,
	"받는 사람": toField, "받는사람": toField, "címzett": toField, "kime": toField, "alıcı": toField, "προς": toField, "către": toField,
	"empfänger": toField, "destinataire": toField, "destinatario": toField, "אל": toField, "إلى": toField, "đến": toField, "kepada": toField,

	"cc": ccField, "kopie": ccField, "copie": ccField, "copia": ccField, "копия": ccField, "копія": ccField, "抄送": ccField, "副本": ccField,
	"참조": ccField, "dw": ccField, "kopi": ccField, "kopia": ccField, "bcc": ccField, "reply-to": ccField, "antwort an": ccField,

	"sent": dateField, "date": dateField, "gesendet": dateField, "gesendet am": dateField, "datum": dateField, "envoyé": dateField,
	"envoyé le": dateField, "enviado": dateField, "enviado el": dateField, "enviada em": dateField, "enviado em": dateField, "fecha": dateField,
	"data": dateField, "inviato": dateField, "data invio": dateField, "verzonden": dateField, "skickat": dateField, "dato": dateField, "sendt": dateField,
	"lähetetty": dateField, "päivämäärä": dateField, "wysłano": dateField, "data wysłania": dateField, "odesláno": dateField, "odoslané": dateField,
	"дата": dateField, "отправлено": dateField, "надіслано": dateField, "发送时间": dateField, "日期": dateField, "寄件日期": dateField, "傳送時間": dateField,
	"已傳送": dateField, "送信日時": dateField, "日付": dateField, "日時": dateField, "보낸 날짜": dateField, "날짜": dateField, "elküldve": dateField,
	"küldve": dateField, "dátum": dateField, "tarih": dateField, "gönderildi": dateField, "gönderme tarihi": dateField, "ημερομηνία": dateField,
	"στάλθηκε": dateField, "trimis": dateField, "נשלח": dateField, "تاريخ": dateField, "ngày": dateField, "tanggal": dateField, "terkirim": dateField,

	"subject": subjectField, "betreff": subjectField, "objet": subjectField, "asunto": subjectField, "assunto": subjectField, "oggetto": subjectField,
	"onderwerp": subjectField, "ämne": subjectField, "emne": subjectField, "aihe": subjectField, "temat": subjectField, "předmět": subjectField,
	"predmet": subjectField, "тема": subjectField, "主题": subjectField, "主旨": subjectField, "件名": subjectField, "제목": subjectField,
	"tárgy": subjectField, "konu": subjectField, "θέμα": subjectField, "subiect": subjectField, "נושא": subjectField, "الموضوع": subjectField,
	"chủ đề": subjectField, "perihal": subjectField, "subjek": subjectField, "assumpte": subjectField,
}

// wroteWords end the line that says who wrote what follows, in lower case.
var wroteWords = []string{
	"wrote", "writes", "schrieb", "a écrit", "escribió", "escreveu", "ha scritto", "scrive", "schreef", "skrev", "skreiv", "kirjoitti", "napisał(a)",
	"napisał", "napisała", "pisze", "пишет", "написал(а)", "написал", "написала", "пише", "написав", "napsal(a)", "napsal", "napísal(a)", "napísal",
	"írta", "a scris", "şunu yazdı", "yazdı", "のメール", "が書きました", "さんは書きました", "wrote on", "写道", "寫道", "님이 작성", "작성", "έγραψε", "đã viết",
	"כתב/ה", "כתב", "כתבה", "كتب", "menulis", "va escriure", "je napisao", "je napisao/la", "je napisal", "rašė", "kirjutas", "rakstīja", "said",
}

// onWords begin such a line.
var onWords = []string{"on ", "am ", "le ", "el ", "em ", "il ", "op ", "den ", "pada ", "dne ", "dňa ", "w dniu ", "in ", "at ", "quoting ", "vào "}

// originalWords stand between dashes before an earlier message, in lower case,
// and forwardWords before one that is passed on.
var (
	originalWords = []string{"original message", "original email", "original appointment", "ursprüngliche nachricht", "originalnachricht", "original-nachricht",
		"message d'origine", "message d’origine", "message original", "mensaje original", "mensagem original", "messaggio originale", "oorspronkelijk bericht",
		"originele bericht", "ursprungligt meddelande", "originalmeddelande", "oprindelig meddelelse", "opprinnelig melding", "alkuperäinen viesti",
		"wiadomość oryginalna", "oryginalna wiadomość", "původní zpráva", "původní e-mail", "pôvodná správa", "исходное сообщение", "оригинальное сообщение",
		"原始邮件", "邮件原件", "原始郵件", "元のメッセージ", "원본 메시지", "원본 메일", "eredeti üzenet", "özgün ileti", "orijinal mesaj", "αρχικό μήνυμα", "mesaj original",
		"reply message", "reply to message"}
	forwardWords = []string{"forwarded message", "forwarded by", "weitergeleitete nachricht", "message transféré", "message transmis", "mensaje reenviado",
		"mensagem encaminhada", "messaggio inoltrato", "doorgestuurd bericht", "vidarebefordrat meddelande", "videresendt", "välitetty viesti",
		"przekazana wiadomość", "przeposlaná zpráva", "přeposlaná zpráva", "пересылаемое сообщение", "пересланное сообщение", "转发的邮件", "转发邮件", "轉寄郵件",
		"転送メッセージ", "전달된 메시지", "továbbított üzenet", "iletilmiş mesaj", "προωθημένο μήνυμα", "mesaj redirecționat"}
)
