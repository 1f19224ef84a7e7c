package payone

// method is how PAYONE handles one way to pay.
type method struct {
	clearing string // clearingtype of TransactionStatus
	redirect bool   // to a bank's or a wallet's page
}

// The clearing types of the methods.
const (
	byCard     = "cc"
	byDebit    = "elv"
	byWallet   = "wlt"
	byTransfer = "sb"
)

var methods = map[string]method{
	"visa": {byCard, false}, "mastercard": {byCard, false}, "amex": {byCard, false}, "jcb": {byCard, false},
	"sepa":   {byDebit, false},
	"paypal": {byWallet, true}, "alipay": {byWallet, true}, "wechat": {byWallet, true}, "paydirekt": {byWallet, true},
	"sofort": {byTransfer, true}, "giropay": {byTransfer, true}, "ideal": {byTransfer, true}, "eps": {byTransfer, true},
	"przelewy24": {byTransfer, true}, "bancontact": {byTransfer, true}, "postfinance-e": {byTransfer, true}, "postfinance-card": {byTransfer, true},
}
