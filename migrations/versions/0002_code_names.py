"""English names of languages and countries, for features that come as codes."""

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"

# Codes as TMDB writes them: ISO 639-1 plus cn (Cantonese), sh and xx; ISO 3166-1 plus countries
# that are no more.
LANGUAGES = """
aa Afar | ab Abkhazian | ae Avestan | af Afrikaans | ak Akan | am Amharic | an Aragonese | ar
Arabic | as Assamese | av Avaric | ay Aymara | az Azerbaijani | ba Bashkir | be Belarusian |
bg Bulgarian | bh Bihari | bi Bislama | bm Bambara | bn Bengali | bo Tibetan | br Breton | bs
Bosnian | ca Catalan | ce Chechen | ch Chamorro | cn Cantonese | co Corsican | cr Cree | cs
Czech | cu Church Slavonic | cv Chuvash | cy Welsh | da Danish | de German | dv Divehi | dz
Dzongkha | ee Ewe | el Greek | en English | eo Esperanto | es Spanish | et Estonian | eu
Basque | fa Persian | ff Fulah | fi Finnish | fj Fijian | fo Faroese | fr French | fy Western
Frisian | ga Irish | gd Scottish Gaelic | gl Galician | gn Guarani | gu Gujarati | gv Manx |
ha Hausa | he Hebrew | hi Hindi | ho Hiri Motu | hr Croatian | ht Haitian Creole | hu
Hungarian | hy Armenian | hz Herero | ia Interlingua | id Indonesian | ie Interlingue | ig
Igbo | ii Sichuan Yi | ik Inupiaq | io Ido | is Icelandic | it Italian | iu Inuktitut | ja
Japanese | jv Javanese | ka Georgian | kg Kongo | ki Kikuyu | kj Kuanyama | kk Kazakh | kl
Greenlandic | km Khmer | kn Kannada | ko Korean | kr Kanuri | ks Kashmiri | ku Kurdish | kv
Komi | kw Cornish | ky Kyrgyz | la Latin | lb Luxembourgish | lg Ganda | li Limburgish | ln
Lingala | lo Lao | lt Lithuanian | lu Luba-Katanga | lv Latvian | mg Malagasy | mh Marshallese
| mi Maori | mk Macedonian | ml Malayalam | mn Mongolian | mo Moldavian | mr Marathi | ms
Malay | mt Maltese | my Burmese | na Nauru | nb Norwegian Bokmål | nd North Ndebele | ne
Nepali | ng Ndonga | nl Dutch | nn Norwegian Nynorsk | no Norwegian | nr South Ndebele | nv
Navajo | ny Chichewa | oc Occitan | oj Ojibwe | om Oromo | or Odia | os Ossetian | pa Punjabi
| pi Pali | pl Polish | ps Pashto | pt Portuguese | qu Quechua | rm Romansh | rn Rundi | ro
Romanian | ru Russian | rw Kinyarwanda | sa Sanskrit | sc Sardinian | sd Sindhi | se Northern
Sami | sg Sango | sh Serbo-Croatian | si Sinhala | sk Slovak | sl Slovenian | sm Samoan | sn
Shona | so Somali | sq Albanian | sr Serbian | ss Swati | st Southern Sotho | su Sundanese |
sv Swedish | sw Swahili | ta Tamil | te Telugu | tg Tajik | th Thai | ti Tigrinya | tk Turkmen
| tl Tagalog | tn Tswana | to Tongan | tr Turkish | ts Tsonga | tt Tatar | tw Twi | ty
Tahitian | ug Uyghur | uk Ukrainian | ur Urdu | uz Uzbek | ve Venda | vi Vietnamese | vo
Volapük | wa Walloon | wo Wolof | xh Xhosa | xx No language | yi Yiddish | yo Yoruba | za
Zhuang | zh Mandarin | zu Zulu
"""
COUNTRIES = """
AD Andorra | AE United Arab Emirates | AF Afghanistan | AG Antigua and Barbuda | AI Anguilla |
AL Albania | AM Armenia | AN Netherlands Antilles | AO Angola | AQ Antarctica | AR Argentina |
AS American Samoa | AT Austria | AU Australia | AW Aruba | AZ Azerbaijan | BA Bosnia and
Herzegovina | BB Barbados | BD Bangladesh | BE Belgium | BF Burkina Faso | BG Bulgaria | BH
Bahrain | BI Burundi | BJ Benin | BM Bermuda | BN Brunei | BO Bolivia | BR Brazil | BS Bahamas
| BT Bhutan | BW Botswana | BY Belarus | BZ Belize | CA Canada | CD Congo (Kinshasa) | CF
Central African Republic | CG Congo (Brazzaville) | CH Switzerland | CI Ivory Coast | CK Cook
Islands | CL Chile | CM Cameroon | CN China | CO Colombia | CR Costa Rica | CS Serbia and
Montenegro | CU Cuba | CV Cape Verde | CY Cyprus | CZ Czech Republic | DE Germany | DJ
Djibouti | DK Denmark | DM Dominica | DO Dominican Republic | DZ Algeria | EC Ecuador | EE
Estonia | EG Egypt | ER Eritrea | ES Spain | ET Ethiopia | FI Finland | FJ Fiji | FO Faroe
Islands | FR France | GA Gabon | GB United Kingdom | GD Grenada | GE Georgia | GH Ghana | GI
Gibraltar | GL Greenland | GM Gambia | GN Guinea | GP Guadeloupe | GQ Equatorial Guinea | GR
Greece | GT Guatemala | GW Guinea-Bissau | GY Guyana | HK Hong Kong | HN Honduras | HR Croatia
| HT Haiti | HU Hungary | ID Indonesia | IE Ireland | IL Israel | IN India | IQ Iraq | IR Iran
| IS Iceland | IT Italy | JM Jamaica | JO Jordan | JP Japan | KE Kenya | KG Kyrgyzstan | KH
Cambodia | KI Kiribati | KP North Korea | KR South Korea | KW Kuwait | KY Cayman Islands | KZ
Kazakhstan | LA Laos | LB Lebanon | LI Liechtenstein | LK Sri Lanka | LR Liberia | LS Lesotho
| LT Lithuania | LU Luxembourg | LV Latvia | LY Libya | MA Morocco | MC Monaco | MD Moldova |
ME Montenegro | MG Madagascar | MK North Macedonia | ML Mali | MM Myanmar | MN Mongolia | MO
Macao | MQ Martinique | MR Mauritania | MT Malta | MU Mauritius | MV Maldives | MW Malawi | MX
Mexico | MY Malaysia | MZ Mozambique | NA Namibia | NC New Caledonia | NE Niger | NG Nigeria |
NI Nicaragua | NL Netherlands | NO Norway | NP Nepal | NZ New Zealand | OM Oman | PA Panama |
PE Peru | PF French Polynesia | PG Papua New Guinea | PH Philippines | PK Pakistan | PL Poland
| PR Puerto Rico | PS Palestine | PT Portugal | PY Paraguay | QA Qatar | RE Réunion | RO
Romania | RS Serbia | RU Russia | RW Rwanda | SA Saudi Arabia | SB Solomon Islands | SC
Seychelles | SD Sudan | SE Sweden | SG Singapore | SI Slovenia | SK Slovakia | SL Sierra Leone
| SM San Marino | SN Senegal | SO Somalia | SR Suriname | SS South Sudan | SU Soviet Union |
SV El Salvador | SY Syria | SZ Eswatini | TD Chad | TG Togo | TH Thailand | TJ Tajikistan | TL
East Timor | TM Turkmenistan | TN Tunisia | TO Tonga | TR Turkey | TT Trinidad and Tobago | TV
Tuvalu | TW Taiwan | TZ Tanzania | UA Ukraine | UG Uganda | US United States of America | UY
Uruguay | UZ Uzbekistan | VA Vatican City | VC Saint Vincent and the Grenadines | VE Venezuela
| VN Vietnam | VU Vanuatu | WS Samoa | XC Czechoslovakia | XG East Germany | XK Kosovo | XY
Unknown country | YE Yemen | YU Yugoslavia | ZA South Africa | ZM Zambia | ZW Zimbabwe
"""


def upgrade() -> None:
    for kind, listing in (("language", LANGUAGES), ("country", COUNTRIES)):
        # A name may be cut by a line end of the listing above.
        entries = (" ".join(entry.split()) for entry in listing.split("|"))
        pairs = (entry.split(" ", 1) for entry in entries)
        op.get_bind().execute(
            text("INSERT INTO core.code_name (kind, code, name) VALUES (:kind, :code, :name)"),
            [{"kind": kind, "code": code, "name": name} for code, name in pairs],
        )
