# Plumbline. `make run` and `make test` do everything on a fresh Debian 12 machine; the rest is here
# for people who work on it. V=1 shows the commands.

BUILD  ?= build
CC     ?= cc
CFLAGS ?= -O2 -g
LIBS   := libmicrohttpd sqlite3 jansson libpng libjpeg libsodium libutf8proc libarchive zlib
WARN   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wpointer-arith -Wno-format-truncation
Q      := $(if $(V),,@)

override CFLAGS += -std=c11 -D_GNU_SOURCE $(WARN) -Iinclude -pthread $(shell pkg-config --cflags $(LIBS) 2>/dev/null)
LDLIBS := $(shell pkg-config --libs $(LIBS) 2>/dev/null) -llinear -lopenblas -lcsv -lm -pthread

SRC  := $(wildcard server/*/*.c)
OBJ  := $(SRC:%.c=$(BUILD)/%.o)
UNIT := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*/test_*.c))

.PHONY: all unit samples clean
.SECONDARY:

all: $(BUILD)/plumbline

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libplumbline.a: $(OBJ)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/plumbline: $(BUILD)/server/main.o $(BUILD)/libplumbline.a
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libplumbline.a
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

unit: $(UNIT)
	$(Q)for t in $(UNIT); do echo "# $$t"; ./$$t || exit 1; done

# The data of the sample jobs, drawn from fixed seeds by two small programs.
samples: $(BUILD)/samples/messages/messages.jsonl $(BUILD)/samples/pictures/pictures.jsonl

$(BUILD)/samples/generate/%: $(BUILD)/samples/generate/%.o $(BUILD)/libplumbline.a
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/samples/generate/pictures: $(BUILD)/samples/generate/draw.o $(BUILD)/samples/generate/things.o

$(BUILD)/samples/messages/messages.jsonl: $(BUILD)/samples/generate/texts
	@mkdir -p $(@D)
	$(Q)$< $(@D) 1

$(BUILD)/samples/pictures/pictures.jsonl: $(BUILD)/samples/generate/pictures
	@rm -rf $(@D) && mkdir -p $(@D)
	$(Q)$< $(@D) 1

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
