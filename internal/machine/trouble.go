package machine

import "slices"

// mishap links a mishap of calls, and holds it to what its moment allows.
func (l *linker) mishap(index int, raw rawMishap) Mishap {
	l.offered(raw.operation, "operation", ofProvider(l.facts.Operations, l.raw))
	l.checkMishap(raw)
	return Mishap{
		Index: index, Operation: raw.operation.text, When: raw.when.text, If: l.expr(raw.guard, truth), Times: raw.times, Per: l.expr(raw.per, text),
		Delay: l.delay(raw.delay), Status: raw.status, Code: raw.code.text, RetryAfter: l.delay(raw.retryAfter),
		Lose: raw.lose, Cut: raw.cut, Spoil: raw.spoil, Drip: l.delay(raw.drip),
	}
}

func (l *linker) checkMishap(raw rawMishap) {
	refuses := raw.status > 0
	spoils := raw.lose || raw.cut || raw.spoil || raw.drip.given()
	switch {
	case raw.per.given() && raw.times == 0:
		l.out.add(raw.place, "per has times counted for each of its values; give the mishap its times")
	case !refuses && (raw.code.given() || raw.retryAfter.given()):
		l.out.add(raw.place, "code and retry_after belong to a refusal; give the mishap its status")
	case raw.when.text == Before && spoils:
		l.out.add(raw.place, "before the commit there is no reply to spoil; lose, cut, spoil and drip act after")
	case raw.when.text == After && refuses:
		l.out.add(raw.place, "after the commit nothing can be refused; status acts before")
	case raw.when.text == After && raw.delay.given():
		l.out.add(raw.place, "after the commit there is no delay; drip sends the reply slowly, and delay acts before")
	case !refuses && !spoils && !raw.delay.given():
		l.out.add(raw.place, "the mishap does nothing; give it a status or a delay (before), or lose, cut, spoil or drip (after)")
	}
}

// delivery links a mishap of deliveries.
func (l *linker) delivery(raw rawDelivery) DeliveryMishap {
	if raw.duplicate == 0 && !raw.delay.given() && !raw.reorder && !raw.drop && !raw.badSignature && !raw.unknownKid {
		l.out.add(raw.place, "the delivery is not spoilt; give it duplicate, delay, reorder, drop, bad_signature or unknown_kid")
	}
	l.checkMeant(raw)
	return DeliveryMishap{
		Channel: raw.channel.text, Type: raw.webhook.text, Next: raw.next, Duplicate: raw.duplicate, Delay: l.delay(raw.delay), Reorder: raw.reorder, Drop: raw.drop,
		BadSignature: raw.badSignature, UnknownKid: raw.unknownKid,
	}
}

// checkMeant holds a delivery's channel and type to those that there are, and to what the machine notifies.
func (l *linker) checkMeant(raw rawDelivery) {
	channel := l.offered(raw.channel, "channel", ofProvider(l.facts.Channels, l.raw))
	kind := l.offered(raw.webhook, "schema of the webhook type", l.types())
	if !channel || !kind || l.raw.record {
		return
	}
	mishap := DeliveryMishap{Channel: raw.channel.text, Type: raw.webhook.text}
	told := func(n Notify) bool { return mishap.Means(n.Channel, n.Type) }
	if !slices.ContainsFunc(l.law.Notify, told) {
		l.out.add(raw.place, "the machine never notifies this: no entry of its notify has this channel and this type")
	}
}
