/* grammar.h - the grammar of the sample messages: customers of an outdoor shop that does not exist.
 *
 * An option may hold {rule}, which stands for one of that rule's options, and {#} for a digit.
 * The rules of a topic are its sentences; the others are words and phrases that topics share, on
 * purpose: "order", "money" or "days" alone say little about what a message wants.
 */
#ifndef SAMPLES_GRAMMAR_H
#define SAMPLES_GRAMMAR_H

struct rule {
    const char *name;
    const char *const *options; /* NULL at the end */
};

#define OPTIONS(...)                                                                               \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, (const char *)0                                                               \
    }

enum topic { DELIVERY, REFUND, ACCOUNT, PRODUCT, SERVICE, TOPICS };

static const char *const topic_names[TOPICS] = {"delivery", "refund", "account", "product",
                                                "service"};

/* What a message is about, one sentence. */
static const char *const *const topic_sentences[TOPICS] = {
    [DELIVERY] = OPTIONS(
        "where is my {thing}?", "my {parcel} has not {arrived} yet", "{order} still says {status}",
        "I ordered a {thing} {ago} and nothing came", "the {carrier} left my {parcel} {place}",
        "the {parcel} was handed to {stranger}, but I don't know them",
        "can you {send} the {parcel} to {place} instead?", "tracking has not moved since {day}",
        "how long does {shipping} to {town} take?", "only half of {order} was in the box",
        "the box came {damaged} and the {thing} was {gone}",
        "nobody rang, there was only a card in the door", "do you {send} to {town} as well?",
        "it was promised for {day}, today is {day}", "I got somebody else's {parcel}",
        "please hold {order} until {day}, we are away",
        "the {carrier} says the address is wrong, it is {street}",
        "your {carrier} {drove} past my house again", "is {order} on its way?",
        "I need the {thing} before {day}, will that work?",
        "second attempt failed, what now with {order}",
        "wrong {thing} in the box, I ordered the {colour} one", "still waiting for {order}..."),
    [REFUND] = OPTIONS(
        "I want my money back for the {thing}", "when do I get the {amount} back?",
        "sent the {thing} back {ago}, no {money} so far", "how do I return a {thing}?",
        "you charged me twice for {order}", "I cancelled {order} but was still charged {amount}",
        "the label for the return does not {work}", "please cancel {order}",
        "your page said {amount}, my card says {amount}", "is the return of a {thing} free?",
        "I got {amount} less than I paid", "could I swap the {thing} for a {size} one?",
        "the {thing} broke after {days}, I want it replaced or paid back",
        "the voucher was not taken off the price", "where do I send the {thing} back to?",
        "{days} ago you wrote the {money} was on its way",
        "I would like to send it back, it does not fit", "the invoice for {order} is wrong",
        "can I return something that was on sale?", "still no credit on my card for {order}",
        "the bank says you never paid the {amount}", "part of {order} goes back, how do I do that",
        "I changed my mind about the {thing}"),
    [ACCOUNT] = OPTIONS(
        "I can't {login}", "my password is not accepted {anymore}",
        "the reset mail never {arrived}", "please delete my {account}",
        "how do I change the {detail} in my {account}?",
        "somebody else has ordered with my {account}", "I have two {account}s, can you merge them?",
        "the code by text message does not {arrive}", "my {account} is locked since {day}",
        "please stop the newsletter, I unsubscribed {ago}", "the app throws me out when I {login}",
        "my old {detail} is still shown", "can my {friend} use the same {account}?",
        "it says this e-mail is already taken", "my points are gone since {day}",
        "the site does not let me save a new {detail}", "what do you store about me?",
        "how can I see old orders in the {account}?", "I lost my phone and now I can't {login}",
        "no confirmation mail after signing up",
        "changed my name, the {account} still has the old one",
        "the page keeps loading after I {login}", "wrong {detail} in my profile"),
    [PRODUCT] = OPTIONS(
        "does the {thing} come in {colour}?", "is the {thing} {property}?",
        "what size {thing} do I need at {height}?", "when is the {colour} {thing} back?",
        "does the {thing} fit the {thing}?", "how heavy is the {thing}?",
        "how do I wash the {thing}?", "are there spare parts for the {thing}?",
        "which {thing} is better for {activity}?", "can I use the {thing} for {activity}?",
        "what is the {thing} made of?", "how many people fit into the {thing}?",
        "is there a {size} one too?",
        "what is the difference between the {colour} and the {colour} {thing}?",
        "the manual of the {thing} is missing a page, how do I close it?",
        "how long does the battery of the {thing} last?",
        "is the {thing} {property} enough for {activity}?", "do you have the {thing} in {size}?",
        "does it need {part}?", "is the {thing} good for {whom}?", "where is the {thing} made?",
        "the photo shows {part}, is it included?",
        "any tips to make the {thing} {property} again?"),
    [SERVICE] = OPTIONS(
        "your {staff} on the phone was {kind}", "your {staff} was {rude}",
        "{minutes} in the queue, then cut off", "thank you for the quick help with {order}",
        "I have written {times} and get no answer", "best shop I know for {activity}",
        "never again, I'm telling all my friends", "the chat only gives me {robot}",
        "{staff} {name} solved it in {minutes}, great", "each {staff} tells me something different",
        "I feel {fooled} by you", "you promised to call back on {day}, nobody did",
        "very {kind} advice in the shop in {town}", "five stars, keep it up",
        "I would like to complain about {name} from your hotline",
        "this is how you treat people who buy from you for {days}?", "please thank {name} from me",
        "why does nobody answer my mails?", "the {thing} is fine but how you talk to people is not",
        "so nice to have a real human on the phone", "I want to speak to a manager",
        "good {thing}, even better people", "your hotline is a joke"),
};

/* The same in other languages. */
static const char *const *const topic_foreign[TOPICS] = {
    [DELIVERY] =
        OPTIONS("Wo bleibt mein Paket?", "Die Sendung {number} ist seit {#} Tagen unterwegs",
                "Der Bote hat nicht geklingelt", "Wann wird {number} geliefert?",
                "¿Dónde está mi pedido {number}?", "El paquete no ha llegado todavía",
                "El envío lleva {#} días de retraso", "أين طلبي رقم {number}؟",
                "لم يصل الطرد حتى الآن", "متى يصل الطلب؟"),
    [REFUND] = OPTIONS("Ich möchte mein Geld zurück", "Wann wird der Betrag erstattet?",
                       "Wie kann ich den Artikel zurückschicken?", "Zweimal abgebucht für {number}",
                       "Quiero que me devuelvan el dinero", "¿Cómo devuelvo el pedido {number}?",
                       "Me han cobrado dos veces", "أريد استرداد المبلغ", "كيف أعيد المنتج؟",
                       "تم خصم المبلغ مرتين"),
    [ACCOUNT] = OPTIONS(
        "Ich kann mich nicht anmelden", "Passwort vergessen, es kommt keine Mail",
        "Bitte löschen Sie mein Konto", "Neue Adresse im Konto speichern geht nicht",
        "No puedo entrar en mi cuenta", "Quiero borrar mi cuenta", "La contraseña no funciona",
        "لا أستطيع تسجيل الدخول", "أريد حذف حسابي", "نسيت كلمة المرور"),
    [PRODUCT] = OPTIONS("Gibt es das Zelt auch in Blau?", "Ist die Jacke wasserdicht?",
                        "Welche Größe brauche ich bei 1,8{#} m?", "Wie wäscht man den Schlafsack?",
                        "¿La chaqueta es impermeable?", "¿Hay este modelo en rojo?",
                        "¿Cuánto pesa la tienda?", "هل الخيمة مقاومة للماء؟", "هل يوجد لون آخر؟",
                        "كم وزن الحقيبة؟"),
    [SERVICE] =
        OPTIONS("Sehr freundliche Beratung, danke!", "Seit Wochen antwortet niemand",
                "Unverschämt, wie man am Telefon behandelt wird", "Toller Laden, gerne wieder",
                "Muy buena atención, gracias", "Nadie contesta al teléfono", "Pésimo trato",
                "شكرا على الخدمة الممتازة", "لا أحد يرد على رسائلي", "خدمة سيئة جدا"),
};

/* Messages that leave the reader guessing; each can come from any topic. */
static const char *const vague[] = {"any news on {order}?",
                                    "please answer",
                                    "same problem again with the {thing}",
                                    "{order}, please help",
                                    "it's about the {thing}, call me",
                                    "and now?",
                                    "as I wrote {ago}, {order}",
                                    "what happens now with {order}?",
                                    "hello?? {number}",
                                    "I already told {name} everything",
                                    "not happy with {order}",
                                    "thanks, but no",
                                    "see the photo of the {thing}",
                                    "I am still waiting!",
                                    "this is not what I asked for",
                                    "{thing}???",
                                    "the {thing}, as discussed with {name}",
                                    (const char *)0};

static const struct rule rules[] = {
    {"thing", OPTIONS("tent", "sleeping bag", "rain jacket", "backpack", "head lamp",
                      "camping stove", "pair of boots", "hammock", "water filter", "trekking pole",
                      "cool box", "kayak", "bike bag", "thermos", "mat", "climbing rope",
                      "gps watch", "fleece", "rucksack", "lantern")},
    {"parcel", OPTIONS("parcel", "package", "delivery", "order", "box", "shipment")},
    {"arrived", OPTIONS("arrived", "come", "turned up", "been delivered", "shown up")},
    {"arrive", OPTIONS("arrive", "come", "work", "reach me")},
    {"order", OPTIONS("my order", "order {number}", "#{number}", "order no. {number}",
                      "my order from {day}")},
    {"number", OPTIONS("{#}{#}{#}{#}{#}", "PL-{#}{#}{#}{#}", "{#}{#}-{#}{#}{#}{#}")},
    {"status", OPTIONS("\"in transit\"", "\"packed\"", "shipped", "\"delivered\", which it is not",
                       "processing")},
    {"ago", OPTIONS("{days} ago", "last {day}", "a while ago", "before the holidays", "on {day}")},
    {"days", OPTIONS("{#} days", "two weeks", "ten days", "a month", "3 weeks", "{#} years")},
    {"day",
     OPTIONS("Monday", "tuesday", "Wednesday", "Thursday", "friday", "Saturday", "the 1{#}th")},
    {"carrier", OPTIONS("courier", "driver", "delivery man", "postman", "delivery service")},
    {"place", OPTIONS("in the rain", "behind the bins", "at the neighbour's", "my office",
                      "{street}", "the garage")},
    {"street",
     OPTIONS("Hill Road {#}{#}", "{#} Mill Lane", "12{#} Harbour Street", "Lindenweg {#}")},
    {"stranger", OPTIONS("a Mr Brandt", "a neighbour", "a certain Lopez", "somebody at no. 1{#}")},
    {"friend", OPTIONS("wife", "son", "daughter", "boss", "husband", "club", "mother")},
    {"whom", OPTIONS("children", "beginners", "a dog", "tall people", "two people")},
    {"send", OPTIONS("send", "ship", "deliver", "redirect")},
    {"town",
     OPTIONS("Norway", "Leeds", "Madrid", "the islands", "Graz", "Cork", "Switzerland", "Kiel")},
    {"shipping", OPTIONS("shipping", "delivery", "express")},
    {"damaged", OPTIONS("open", "crushed", "soaking wet", "taped up again", "torn")},
    {"gone", OPTIONS("gone", "broken", "scratched", "missing", "wet")},
    {"drove", OPTIONS("drove", "went", "ran")},
    {"colour", OPTIONS("blue", "red", "green", "black", "grey", "orange")},
    {"size", OPTIONS("larger", "smaller", "XL", "size M", "wider", "size 4{#}")},
    {"amount", OPTIONS("{#}{#} euros", "£{#}{#}.99", "{#}9,90 €", "1{#}9 euro", "the {#}{#}.50")},
    {"money", OPTIONS("money", "refund", "payment", "credit")},
    {"work", OPTIONS("work", "print", "open", "scan")},
    {"login", OPTIONS("log in", "sign in", "get in", "login", "log into my {account}")},
    {"account", OPTIONS("account", "profile", "customer account", "login")},
    {"anymore", OPTIONS("any more", "since {day}", "on the phone", "although it is right", "")},
    {"detail", OPTIONS("address", "e-mail", "phone number", "card", "name", "date of birth")},
    {"property",
     OPTIONS("waterproof", "warm", "light", "quiet", "windproof", "washable", "stable", "vegan")},
    {"height", OPTIONS("1.{#}{#} m", "1{#}{#} cm", "six foot", "size 4{#} feet")},
    {"activity", OPTIONS("winter camping", "the Alps", "cycling", "a festival", "long hikes",
                         "canoe trips", "kids")},
    {"part", OPTIONS("pegs", "batteries", "a pump", "the bag", "straps", "gas", "a charger")},
    {"staff", OPTIONS("colleague", "lady", "agent", "support", "employee", "team")},
    {"kind",
     OPTIONS("very kind", "so patient", "wonderful", "really helpful", "friendly", "lovely")},
    {"rude", OPTIONS("rude", "impossible", "not interested at all", "laughing at me", "clueless")},
    {"minutes", OPTIONS("{#}0 minutes", "half an hour", "five minutes", "two hours", "{#} min")},
    {"times", OPTIONS("three times", "{#} times", "twice", "again and again")},
    {"robot", OPTIONS("robot answers", "the same sentence", "links", "a bot", "\"please wait\"")},
    {"name", OPTIONS("Ms Okafor", "Tom", "Jana", "Mr Silva", "Aylin", "Pete")},
    {"fooled", OPTIONS("fooled", "well looked after", "ignored", "taken seriously", "left alone")},
    {"hello",
     OPTIONS("Hi,", "Hello,", "hey", "Dear team,", "Good morning,", "Hi there!",
             "To whom it may concern,", "Hello {name},", "hi again,", "Customer no. {number}.")},
    {"filler",
     OPTIONS("I have been a customer for {days}.", "It is for a trip on {day}.",
             "I looked everywhere on your page.", "My {friend} asked me to write.",
             "I tried to call first.", "It was a present.", "Sorry for the long mail.",
             "The {thing} is really nice by the way.", "Not urgent.", "I'm getting tired of this.",
             "I paid {amount} for it.", "We leave on {day}.", "The {colour} one, I mean.",
             "See {order}.", "A {staff} told me to ask here.",
             "I bought a {thing} at the same time.", "Maybe I did something wrong.",
             "I read the questions and answers already.")},
    {"bye", OPTIONS("Thanks!", "thx", "Kind regards, {name}", "please reply soon",
                    "Thank you in advance.", "Cheers", "BR {name}", "Waiting for your answer.",
                    "Best, {name}", "sent from my phone")},
    {"emoji", OPTIONS("\xF0\x9F\x98\xA1", "\xF0\x9F\x98\x8A", "\xF0\x9F\x91\x8D",
                      "\xF0\x9F\x99\x8F", "\xF0\x9F\x98\xAD", "\xF0\x9F\xA4\x94", "\xE2\x9B\xBA",
                      "!!!", ":)", ":(", "\xF0\x9F\x93\xA6", "\xE2\xAD\x90")},
};

#endif
