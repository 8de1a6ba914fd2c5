/* cppcheck.h - what cppcheck needs to know of libraries whose headers it does not read. */
#define json_array_foreach(array, i, value) for (i = 0; (value = json_array_get(array, i)); i++)
#define json_object_foreach(object, key, value) for (key = next_key(object, &value); key; key = 0)
